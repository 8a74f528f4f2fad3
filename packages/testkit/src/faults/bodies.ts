import type { Body, ReadOptions } from "@partwise/core/contract";
import { aborted } from "./wait.js";

/** The body, with its bytes passed through `change`; never as a Blob. */
function through(
  body: Body,
  change: (chunks: AsyncIterable<Uint8Array>, options?: ReadOptions) => AsyncIterable<Uint8Array>,
): Body {
  return {
    size: body.size,
    open: (options) => change(body.open(options), options),
    checksum: (kind) => body.checksum(kind),
  };
}

/** The body with one bit of one byte changed, at `place` (0 to 1) of its length. */
export function corruptBody(body: Body, place: number): Body {
  const target = Math.floor(place * body.size);
  return through(body, async function* (chunks) {
    let at = 0;
    for await (const chunk of chunks) {
      const hit = target - at;
      at += chunk.length;
      if (hit < 0 || hit >= chunk.length) {
        yield chunk;
        continue;
      }
      const changed = chunk.slice();
      changed[hit] = (changed[hit] as number) ^ 1;
      yield changed;
    }
  });
}

/** The body, whose sending breaks off after some bytes. */
export function brokenBody(body: Body, after: number): Body {
  return through(body, async function* (chunks) {
    let left = Math.min(after, Math.max(0, body.size - 1));
    for await (const chunk of chunks) {
      if (chunk.length > left) {
        if (left > 0) yield chunk.subarray(0, left);
        throw new Error("the connection was reset");
      }
      left -= chunk.length;
      yield chunk;
    }
    throw new Error("the connection was reset");
  });
}

/** The body, whose sending stalls after its first chunk until the signal aborts. */
export function stallingBody(body: Body, signal: AbortSignal): Body {
  return through(body, async function* (chunks, options) {
    for await (const chunk of chunks) {
      yield chunk.subarray(0, Math.ceil(chunk.length / 2));
      await aborted(options?.signal ?? signal);
    }
    await aborted(options?.signal ?? signal);
  });
}

/** A body read before, for a request that lands when its sender is gone. */
export function savedBody(body: Body, bytes: Uint8Array): Body {
  return through(body, async function* () {
    yield bytes;
  });
}
