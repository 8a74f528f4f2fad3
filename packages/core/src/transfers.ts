import type { UploadResult } from "./events.js";
import type { UploadRequest } from "./options.js";

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

/** Everything one application does with one transport and one store. */
export interface Transfers {
  /**
   * Brings a source to the remote as one object. Aborting `signal` pauses; the same call again goes on.
   * Rejects with a `TransferError`, or with `signal.reason`.
   */
  upload(request: UploadRequest): Promise<UploadResult>;
  /** All transfers the store knows, also those of other transports. */
  list(): AsyncIterable<TransferSummary>;
  /** Aborts a transfer at the remote and forgets it. Throws `not-found` when the store does not know it. */
  discard(
    which: { readonly id: string } | { readonly key: string },
    options?: { readonly signal?: AbortSignal },
  ): Promise<DiscardResult>;
  /** The id that an upload to this key gets. */
  idOf(key: string): Promise<string>;
}
