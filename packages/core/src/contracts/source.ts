import type { Checksum, ChecksumKind } from "../model/checksum.js";
import type { JsonValue } from "../model/json.js";
import type { Range } from "../model/range.js";
import type { ReadBuffers } from "./checksum.js";

/** How a slice is read. */
export interface ReadOptions {
  /** Abort stops reading and frees what the reader holds. */
  readonly signal?: AbortSignal;
  /** Chunks to read into. A reader that has its bytes in memory already may ignore them. */
  readonly buffers?: ReadBuffers;
}

/** Bytes of one range of a source. Every `open` reads them anew from the first. */
export interface Slice {
  /** Bytes in this slice. */
  readonly size: number;
  /**
   * A chunk is valid until the next but one has been asked for. Ending the iteration early frees the reader.
   * Throws `source-unreadable` when reading fails.
   */
  open(options?: ReadOptions): AsyncIterable<Uint8Array>;
  /** The same bytes as a Blob, where that costs no read: for transports that send with `fetch`. */
  blob?(): Blob;
}

/** What a transport is given to send: a slice that knows its checksum. */
export interface Body extends Slice {
  /**
   * Checksum of the whole body: of the last complete read, or by a read of its own when there was none.
   * Throws `unsupported` for a kind core has no algorithm for.
   */
  checksum(kind: ChecksumKind): Promise<Checksum>;
}

/**
 * Whether a source still is what it was when opened. `touched`: only facts that say nothing about content
 * moved (a file's ctime), so what was read must be proven again. `changed`: stop.
 */
export type SourceState = "same" | "touched" | "changed";

/** Bytes to send, opened. */
export interface Source {
  /** Total bytes; `undefined` while the end is not known. */
  readonly size: number | undefined;
  /** Where the bytes live, for people and to tell "this file changed" from "another file": an absolute path, say. */
  readonly location?: string;
  /** Cheap identity of the content's present state (for files: size, times, inode, sampled checksums). */
  readonly fingerprint: JsonValue;
  slice(range: Range): Slice;
  /** Compares the source with its state when opened; cheap enough to call around every part. */
  verify(): Promise<SourceState>;
  close(): Promise<void>;
}

/** A source that is still to be opened. Opening again gives the same bytes again. */
export interface SourceOpener {
  /** Throws `source-unreadable` when there is nothing to read, saying why. */
  open(options?: { readonly signal?: AbortSignal }): Promise<Source>;
}
