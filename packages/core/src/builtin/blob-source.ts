import type { ReadOptions, Slice, Source, SourceOpener } from "../contracts/source.js";
import { TransferError } from "../errors.js";
import type { Range } from "../model/range.js";
import { readChunkSize } from "./read-ring.js";
import { requireSlice } from "./require-slice.js";
import { sampleOf } from "./sample.js";

/** Bytes asked of a Blob at once: asking is dear in browsers, so more than one chunk. */
const readSize = 1024 * 1024;

/** A Blob or File, as browsers hand them out. A File that changed on disk cannot be read any more, and says so. */
export function blobSource(blob: Blob): SourceOpener {
  return {
    async open({ signal } = {}) {
      signal?.throwIfAborted();
      const file = blob as Partial<File>;
      const location = file.name ? { location: file.name } : {};
      const sample = await sampleOf(blob.size, (range) => read(blob, range, signal ? { signal } : {}));
      const fingerprint = {
        kind: "blob",
        size: blob.size,
        type: blob.type,
        ...(file.name !== undefined && { name: file.name }),
        ...(file.lastModified !== undefined && { lastModified: file.lastModified }),
        sample,
      };
      return {
        size: blob.size,
        ...location,
        fingerprint,
        slice: (range) => sliceOf(blob, range),
        verify: async () => "same",
        close: async () => {},
      } satisfies Source;
    },
  };
}

function sliceOf(blob: Blob, range: Range): Slice {
  requireSlice(range, blob.size);
  return {
    size: range.end - range.start,
    open: (options = {}) => read(blob, range, options),
    blob: () => blob.slice(range.start, range.end),
  };
}

async function* read(
  blob: Blob,
  range: Range,
  { signal }: ReadOptions,
): AsyncGenerator<Uint8Array, void, void> {
  signal?.throwIfAborted();
  for (let at = range.start; at < range.end; at += readSize) {
    const bytes = await bytesOf(blob, at, Math.min(at + readSize, range.end));
    signal?.throwIfAborted();
    for (let from = 0; from < bytes.byteLength; from += readChunkSize) {
      yield bytes.subarray(from, from + readChunkSize);
      signal?.throwIfAborted();
    }
  }
}

async function bytesOf(blob: Blob, start: number, end: number): Promise<Uint8Array> {
  const name = (blob as Partial<File>).name ?? "the Blob";
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await blob.slice(start, end).arrayBuffer());
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TransferError(
      "source-unreadable",
      `Cannot read ${name}: ${why}. It may have changed since it was chosen; choose it again.`,
      { cause },
    );
  }
  if (bytes.byteLength === end - start) return bytes;
  throw new TransferError(
    "source-changed",
    `${name} became shorter while it was read: ${bytes.byteLength} of ${end - start} bytes came from byte ${start} on. Choose it again.`,
  );
}
