import type { ReadBuffers } from "../contracts/checksum.js";

/** Bytes of a read buffer: from 256 KiB up, larger ones gain nothing. */
export const readChunkSize = 512 * 1024;

/** A ring of two chunks outside any checksum's memory, no larger than `size` bytes need, made when first taken. */
export function readRing(size: number): ReadBuffers {
  const chunkSize = Math.max(1, Math.min(size, readChunkSize));
  const chunks: Uint8Array[] = [];
  let taken = 0;
  return {
    chunkSize,
    take: () => {
      const slot = taken++ % 2;
      chunks[slot] ??= new Uint8Array(chunkSize);
      return chunks[slot];
    },
  };
}
