import type { JsonValue } from "../model/json.js";

/** Who can see the same journals: this process, all processes of this machine, or every machine. */
export type Reach = "process" | "host" | "network";

/** What an appended entry survives. */
export type Durability = "none" | "process-crash" | "power-loss" | "replicated";

/** Opaque place in a journal, made by `read`; plain JSON so that a follower can keep it. */
export type Position = string;

/** What a journal holds from some place on. */
export interface JournalPage {
  /** As found, in order; not validated. Entries appended with `ordered: false` may stand anywhere after their lease was taken. */
  readonly entries: readonly JsonValue[];
  /** Give it to the next `read` to get only what came after. */
  readonly position: Position;
  /** True when `from` points into what has since been replaced: `entries` then is the whole journal. */
  readonly fromStart: boolean;
}

/** Who holds a lease. */
export interface LeaseInfo {
  readonly name: string;
  /** For people: process and host. */
  readonly holder: string;
  /** Milliseconds since 1970 by the store's own clock. */
  readonly expiresAt: number;
  /** Milliseconds left by the store's own clock; 0 or less never appears, such a lease is gone. */
  readonly expiresIn: number;
}

/** A time-limited right, by name. */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  /** Never used again for any lease of this journal, not even after the store lost its memory. */
  readonly token: string;
  /** Milliseconds the lease lasts from each renewal. */
  readonly ttl: number;
  /** Starts the time anew. Throws `lease-lost` when it had expired or was taken, even if the name is free now. */
  renew(): Promise<void>;
  /** Gives the name back; quietly does nothing when the lease was lost already. */
  release(): Promise<void>;
}

/** Options of `Journal.append`. */
export interface AppendOptions {
  /**
   * `true` (default): these entries stand after everything the lease's holder could have read and before anything a
   * later holder of the same lease appends; a stale holder is refused. `false`: order does not matter (receipts), the
   * store may gather several appends into one durable write, and a stale one that slips in does no harm.
   */
  readonly ordered?: boolean;
}

/**
 * Append-only entries of one transfer. The store keeps them as opaque JSON and knows nothing of uploads.
 * A store that cannot be reached or written to throws `store-unavailable`.
 */
export interface Journal extends AsyncDisposable {
  readonly id: string;
  /**
   * All entries, or those after `from`. An empty journal is one without entries. A torn or damaged record is passed
   * over; a journal that as a whole is not one of ours throws `checkpoint-unreadable`, never an empty page.
   */
  read(from?: Position): Promise<JournalPage>;
  /** Resolves when the entries are durable to the store's declared level. Throws `lease-lost` when the lease is no longer current. */
  append(entries: readonly JsonValue[], lease: Lease, options?: AppendOptions): Promise<void>;
  /** Replaces all entries by these, all or nothing, under the same rule as an ordered append. */
  replace(entries: readonly JsonValue[], lease: Lease): Promise<void>;
  /**
   * Takes a lease, or throws `lease-held` with the holder and the time left. Names are independent of one another.
   * @param ttl Milliseconds, 1,000 to 3,600,000.
   */
  lease(name: string, ttl: number, holder?: string): Promise<Lease>;
  /** Leases held now whose names start so. */
  leases(prefix: string): Promise<readonly LeaseInfo[]>;
  /** Puts all entries away where `read` does not see them, for a person to look at; says where. */
  setAside(lease: Lease): Promise<string>;
  /** Removes the journal: entries and leases, this one last. */
  drop(lease: Lease): Promise<void>;
  /** Writes what is still gathered and closes; leases stay until released or expired. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A journal as listed. */
export interface ListedJournal {
  readonly id: string;
  /** When it last changed: milliseconds since 1970 by the store's clock. */
  readonly updatedAt: number;
}

/** Port to the memory: keeps journals. */
export interface CheckpointStore {
  /** For people: `fs:/home/me/.local/state/partwise`. Never holds a secret. */
  readonly name: string;
  readonly reach: Reach;
  readonly durability: Durability;
  /**
   * Opens a journal, without creating anything until the first lease or append.
   * @param id 1 to 128 characters of `A-Z a-z 0-9 _ -`; anything else throws `invalid-options`.
   */
  open(id: string): Promise<Journal>;
  /** Journals with entries. One that comes or goes meanwhile may be in or out; all others appear once. */
  list(): AsyncIterable<ListedJournal>;
  /**
   * Removes journals unchanged for `olderThan` milliseconds that nobody holds a lease of.
   * Resolves with their ids.
   */
  prune(options: { readonly olderThan: number }): Promise<readonly string[]>;
  /** Closes what the store itself opened (connections it made, files); never the user's client. */
  close(): Promise<void>;
}
