import type { FaultBoard } from "./faults/faults.js";
import type { RequestLog } from "./http/log.js";
import type { Network } from "./http/network.js";
import type { CredentialBook } from "./sign/credentials.js";
import type { Disk } from "./store/disk.js";

export interface Settings {
  readonly region: string;
  readonly now: () => number;
  readonly pageSize: number;
  readonly partChecksums: boolean;
  readonly minPartSize: number;
  readonly sessionLifetime: number;
  readonly bodyTimeout: number;
  readonly domains: Readonly<Record<string, string>>;
}

/** What all requests share. */
export interface State {
  readonly settings: Settings;
  readonly disk: Disk;
  readonly credentials: CredentialBook;
  readonly faults: FaultBoard;
  readonly network: Network;
  readonly log: RequestLog;
  /** One controller per request that is at work; closing aborts them all. */
  readonly live: Set<AbortController>;
}
