import type { ChecksumKind } from "../model/checksum.js";

/**
 * A ring of reusable chunks that a reader fills instead of allocating.
 * A taken chunk is the reader's until it takes the next but one.
 */
export interface ReadBuffers {
  /** Size in bytes of every chunk handed out. */
  readonly chunkSize: number;
  take(): Uint8Array;
}

/** One checksum in the making. */
export interface RunningChecksum {
  /** Memory whose chunks `update` reads in place; bytes from elsewhere are accepted too, at the price of a copy. */
  readonly buffers?: ReadBuffers;
  update(bytes: Uint8Array): void;
  /** Value of all bytes so far, in the remote's text form. */
  value(): string;
  /**
   * Ends this checksum. `reusable: false` says that something (an aborted request's socket) may still read the
   * buffers: they are left to the garbage collector instead of going back to the pool.
   */
  release(reusable: boolean): void;
}

/** A checksum that core can compute and combine. */
export interface ChecksumAlgorithm {
  readonly kind: ChecksumKind;
  /** @param expectedSize Bytes that will come, when known: lets the algorithm choose a variant. */
  start(expectedSize?: number): RunningChecksum;
  /** Checksum of A followed by B, from both values and the size of B in bytes. */
  combine(a: string, b: string, sizeOfB: number): string;
}
