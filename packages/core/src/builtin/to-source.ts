import type { Source, SourceOpener } from "../contracts/source.js";
import { TransferError } from "../errors.js";
import { blobSource } from "./blob-source.js";
import { bytesSource } from "./bytes-source.js";

/** Everything that an upload can be given to send. */
export type SourceInput = SourceOpener | Source | Blob | Uint8Array;

/** Makes one kind of thing of all: something to open. A source that is open already stays its opener's to close. */
export function toSourceOpener(input: SourceInput): SourceOpener {
  if (input instanceof Uint8Array) return bytesSource(input);
  if (typeof Blob !== "undefined" && input instanceof Blob) return blobSource(input);
  if (has(input, "open")) return input as SourceOpener;
  if (has(input, "slice") && has(input, "verify")) return lent(input as Source);
  throw new TransferError(
    "invalid-options",
    "source is nothing to send: give a Uint8Array, a Blob, or what fileSource(path) returns.",
  );
}

function has(input: unknown, verb: string): boolean {
  return typeof input === "object" && input !== null && typeof (input as never)[verb] === "function";
}

function lent(source: Source): SourceOpener {
  return {
    async open({ signal } = {}) {
      signal?.throwIfAborted();
      return {
        size: source.size,
        ...(source.location !== undefined && { location: source.location }),
        fingerprint: source.fingerprint,
        slice: (range) => source.slice(range),
        verify: () => source.verify(),
        close: async () => {},
      };
    },
  };
}
