import { type Slice, TransferError } from "@partwise/core/contract";

/**
 * All bytes of a body, as a well-behaved transport takes them: one chunk at a time, exactly `size` bytes, the reader
 * freed at once when the signal aborts.
 * @param note Called with the size of every chunk taken.
 */
export async function readBody(
  body: Slice,
  signal: AbortSignal,
  note: (bytes: number) => void = () => {},
): Promise<Uint8Array<ArrayBuffer>> {
  signal.throwIfAborted();
  const bytes = new Uint8Array(body.size);
  const reader = body.open({ signal })[Symbol.asyncIterator]();
  let at = 0;
  let ended = false;
  try {
    for (;;) {
      const next = await orAborted(reader.next(), signal);
      if (next.done === true) break;
      if (at + next.value.length > body.size) throw wrongSize(body.size, `more`);
      bytes.set(next.value, at);
      at += next.value.length;
      note(next.value.length);
    }
    ended = true;
  } finally {
    // Not awaited: a generator that hangs in `next` answers `return` only after it.
    if (!ended) reader.return?.().catch(() => {});
  }
  if (at < body.size) throw wrongSize(body.size, `only ${at}`);
  return bytes;
}

/** The promise's result, or a rejection with `signal.reason`, whichever comes first. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => reject(signal.reason);
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", end));
  });
}

function wrongSize(size: number, found: string): TransferError {
  return new TransferError(
    "source-changed",
    `The body should have ${size} bytes and gave ${found}. Nothing was stored; open the source again.`,
  );
}
