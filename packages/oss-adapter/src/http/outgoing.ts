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

  // By hand: compiling a generator for this costs a process more than a gibibyte's run through it.
  function read(): AsyncIterator<Uint8Array> {
    sent = 0;
    let over = false;
    let inner: AsyncIterator<Uint8Array> | undefined;
    const check = (step: IteratorResult<Uint8Array>): IteratorResult<Uint8Array> => {
      if (!step.done) sent += step.value.byteLength;
      if (step.done ? sent !== body.size : sent > body.size) throw wrongSize(what, body.size, sent);
      if (step.done) over = true;
      else if (step.value.byteLength < COPY_BELOW) return { done: false, value: new Uint8Array(step.value) };
      return step;
    };
    const close = async (): Promise<IteratorResult<Uint8Array>> => {
      if (!over) {
        over = true;
        await inner?.return?.();
      }
      return { done: true, value: undefined };
    };
    const fail = async (error: unknown) => {
      if (!stop.signal.aborted) failure = asFailure(error, what);
      await close();
      throw error;
    };
    const next = async (): Promise<IteratorResult<Uint8Array>> => {
      if (over) return { done: true, value: undefined };
      try {
        stop.signal.throwIfAborted();
        inner ??= body.open({ signal: stop.signal })[Symbol.asyncIterator]();
        return check(await inner.next());
      } catch (error) {
        return await fail(error);
      }
    };
    return { next, return: close };
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
