import { type Body, type ReadOptions, TransferError } from "@partwise/core/contract";
import { seededRandom } from "../../clock/random.js";
import { crc64 } from "../../model/crc64.js";

/** A body that tells how it was read. */
export interface WatchedBody extends Body {
  /** How often it was opened. */
  readonly opened: number;
  /** Readers that were neither read to their end nor given back. */
  readonly unfreed: number;
  /** Resolves when a reader has been asked for its last chunk, or, of a stalling body, has been left waiting. */
  readonly reached: Promise<void>;
}

/** How a body misbehaves. */
export interface BodyOptions {
  /** Bytes of a chunk. Default 16 KiB. */
  readonly chunk?: number;
  /** Size that the body claims. Default: the true one. */
  readonly size?: number;
  /** Gives this many bytes, and then nothing for ever. */
  readonly stallAfter?: number;
}

/** A body of these bytes. It reuses two chunks in turn, as core's readers do: what a reader keeps longer is spoilt. */
export function bodyOf(bytes: Uint8Array, options: BodyOptions = {}): WatchedBody {
  const size = options.size ?? bytes.length;
  const chunk = options.chunk ?? 16 * 1024;
  const end = Math.min(bytes.length, options.stallAfter ?? bytes.length);
  let note: () => void = () => {};
  const reached = new Promise<void>((resolve) => {
    note = resolve;
  });
  const state = { opened: 0, unfreed: 0 };

  function open(read: ReadOptions = {}): AsyncIterableIterator<Uint8Array, undefined, undefined> {
    const ring = [new Uint8Array(chunk), new Uint8Array(chunk)] as const;
    let [at, turn, freed] = [0, 0, false];
    let wake: () => void = () => {};
    const free = () => {
      if (!freed) state.unfreed--;
      freed = true;
      wake();
    };
    state.opened++;
    state.unfreed++;
    return {
      async next() {
        const filled = ring[turn % 2] as Uint8Array;
        turn++;
        if (!freed && at === end && options.stallAfter !== undefined) {
          note();
          await new Promise<void>((resolve) => {
            wake = resolve;
            // A source lets go of a read that hangs when it is told to stop, as a file or a socket does.
            read.signal?.addEventListener("abort", () => resolve(), { once: true });
          });
        }
        if (freed || at === end || read.signal?.aborted === true) {
          free();
          note();
          return { done: true, value: undefined };
        }
        const upTo = Math.min(at + chunk, end);
        filled.fill(0xee);
        filled.set(bytes.subarray(at, upTo));
        const given = filled.subarray(0, upTo - at);
        at = upTo;
        return { done: false, value: given };
      },
      async return() {
        free();
        return { done: true, value: undefined };
      },
      async throw(error: unknown) {
        free();
        throw error;
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  return {
    size,
    open,
    async checksum(kind) {
      if (kind !== "crc64ecma") throw new TransferError("unsupported", `No algorithm for ${kind} here.`);
      return { kind, value: crc64(bytes) };
    },
    get opened() {
      return state.opened;
    },
    get unfreed() {
      return state.unfreed;
    },
    reached,
  };
}

/** Bytes that compress badly and differ from seed to seed. */
export function randomBytes(size: number, seed = 1): Uint8Array {
  const random = seededRandom(seed);
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at++) bytes[at] = random.below(256);
  return bytes;
}

/** A text's bytes. */
export function textBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
