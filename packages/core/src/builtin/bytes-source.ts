import { crc64ecma } from "../checksum/index.js";
import type { Slice, Source, SourceOpener } from "../contracts/source.js";
import type { Range } from "../model/range.js";
import { readChunkSize } from "./read-ring.js";
import { requireSlice } from "./require-slice.js";

/**
 * Bytes in memory. They are neither copied nor watched: they must not change until the transfer has ended.
 *
 * @param name For people, where the bytes have one.
 */
export function bytesSource(bytes: Uint8Array, name?: string): SourceOpener {
  return {
    async open({ signal } = {}) {
      signal?.throwIfAborted();
      const running = crc64ecma.start(bytes.byteLength);
      running.update(bytes);
      const fingerprint = { kind: "bytes", size: bytes.byteLength, crc64ecma: running.value() };
      running.release(true);
      return {
        size: bytes.byteLength,
        ...(name !== undefined && { location: name }),
        fingerprint,
        slice: (range) => sliceOf(bytes, range),
        verify: async () => "same",
        close: async () => {},
      } satisfies Source;
    },
  };
}

function sliceOf(bytes: Uint8Array, range: Range): Slice {
  requireSlice(range, bytes.byteLength);
  return {
    size: range.end - range.start,
    async *open({ signal } = {}) {
      signal?.throwIfAborted();
      for (let at = range.start; at < range.end; at += readChunkSize) {
        yield bytes.subarray(at, Math.min(at + readChunkSize, range.end));
        signal?.throwIfAborted();
      }
    },
  };
}
