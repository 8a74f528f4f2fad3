import { getDefaultHighWaterMark } from "node:stream";
import { type Body, isTransferError, TransferError } from "@partwise/core/contract";

/**
 * A socket buffers chunks smaller than this and asks for more at once; bytes in a buffer that its reader fills
 * again would change under it. Larger chunks are sent in place.
 */
const COPY_BELOW = Math.max(64 * 1024, getDefaultHighWaterMark(false));

/** A body on its way out. */
export interface Outgoing {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Whether every byte was handed over. */
  complete(): boolean;
  /** Why reading failed, if it did. */
  failure(): TransferError | undefined;
  /** Frees the reader, unless it is at its end anyhow. */
  end(): void;
}

/** @param what The request, for messages: `put part 3 of oss://bucket/key`. */
export function outgoing(body: Body, what: string, signal: AbortSignal): Outgoing {
  const stop = new AbortController();
  const forward = () => stop.abort(signal.reason);
  signal.addEventListener("abort", forward, { once: true });
  let sent = 0;
  let failure: TransferError | undefined;

  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      sent = 0;
      for await (const chunk of body.open({ signal: stop.signal })) {
        sent += chunk.byteLength;
        if (sent > body.size) break;
        yield chunk.byteLength < COPY_BELOW ? new Uint8Array(chunk) : chunk;
        stop.signal.throwIfAborted();
      }
      if (sent !== body.size) throw wrongSize(what, body.size, sent);
    } catch (error) {
      if (!stop.signal.aborted) failure = asFailure(error, what);
      throw error;
    }
  }

  return {
    bytes: { [Symbol.asyncIterator]: read },
    complete: () => sent === body.size,
    failure: () => failure,
    end: () => {
      signal.removeEventListener("abort", forward);
      if (sent < body.size && !stop.signal.aborted)
        stop.abort(new Error("The request ended before its body was sent."));
    },
  };
}

function wrongSize(what: string, expected: number, sent: number): TransferError {
  const came = sent > expected ? "more" : `only ${sent}`;
  return new TransferError(
    "source-changed",
    `Could not ${what}: its source gave ${came} of ${expected} bytes. Leave the source unchanged while it is read.`,
  );
}

function asFailure(error: unknown, what: string): TransferError {
  if (isTransferError(error)) return error;
  return new TransferError(
    "source-unreadable",
    `Could not ${what}: its bytes could not be read; see the cause.`,
    {
      cause: error,
    },
  );
}
