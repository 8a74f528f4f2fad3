/** A transfer as the journal tells it. */
export interface TransferSummary {
  readonly id: string;
  /** What the journal says happened last. `unreadable`: the journal could not be understood. */
  readonly state: "planned" | "sending" | "sealing" | "sealed" | "abandoned" | "unreadable";
  /** `undefined` only when unreadable. */
  readonly key: string | undefined;
  /** The object as people write it: `oss://bucket/key`. */
  readonly target: string | undefined;
  /** The source's location, a path for files. */
  readonly source: string | undefined;
  /** Bytes of the source. */
  readonly size: number | undefined;
  /** Bytes with receipts. */
  readonly storedBytes: number;
  readonly parts: number;
  readonly storedParts: number;
  /** Milliseconds since 1970 by the store's clock. */
  readonly updatedAt: number;
  /** Who is working on it now. */
  readonly holders: readonly string[];
}

/** What discarding did. */
export interface DiscardResult {
  readonly id: string;
  /** Sessions aborted at the remote. */
  readonly aborted: number;
}

/** What to look for, and whether to clear it away. */
export interface SweepRequest {
  /** Keys that begin so. @default every key */
  readonly prefix?: string;
  /** Milliseconds, one hour or more, by the remote's clock. */
  readonly olderThan: number;
  /** Abort what is found. @default false: only tell */
  readonly abort?: boolean;
  readonly signal?: AbortSignal;
}

/** A session at the remote that no journal of this store names. */
export interface OrphanedSession {
  readonly key: string;
  readonly session: string;
  /** The object as people write it. */
  readonly location: string;
  /** Milliseconds since 1970 by the remote's clock. */
  readonly openedAt: number;
  /** Milliseconds. */
  readonly age: number;
  /** What its parts hold, and cost. */
  readonly bytes: number;
  readonly aborted: boolean;
}
