import type { ChecksumAlgorithm, RunningChecksum } from "../contracts/checksum.js";
import type { Body, ReadOptions, Slice } from "../contracts/source.js";
import { TransferError } from "../errors.js";
import type { Checksum, ChecksumKind } from "../model/checksum.js";

/** Told of what happens to a body. */
export interface BodyWatcher {
  /** A new attempt reads from the first byte. */
  opened(): void;
  /** So many bytes more were handed to the network. */
  moved(bytes: number): void;
  /** Asked before the last bytes are handed over; throwing keeps the body from ever being complete. */
  beforeEnd?(): Promise<void>;
}

/**
 * A slice that is hashed while it is sent: one read feeds both. Opened again for each attempt; its checksum is that
 * of the last complete read.
 */
export class PartBody implements Body {
  readonly size: number;
  readonly blob?: () => Blob;
  readonly #slice: Slice;
  readonly #algorithm: ChecksumAlgorithm;
  readonly #watcher: BodyWatcher | undefined;
  #last: Checksum | undefined;
  #running: RunningChecksum | undefined;

  constructor(slice: Slice, algorithm: ChecksumAlgorithm, watcher?: BodyWatcher) {
    this.size = slice.size;
    this.#slice = slice;
    this.#algorithm = algorithm;
    this.#watcher = watcher;
    if (slice.blob) this.blob = () => slice.blob!();
  }

  open(options: ReadOptions = {}): AsyncIterable<Uint8Array> {
    return { [Symbol.asyncIterator]: () => new Reading(this.size, () => this.#begin(options)) };
  }

  #begin(options: ReadOptions): Begun {
    const running = this.#algorithm.start(this.size);
    this.settle(false);
    this.#running = running;
    this.#watcher?.opened();
    return {
      inner: this.#slice.open(withBuffers(options, running))[Symbol.asyncIterator](),
      running,
      watcher: this.#watcher,
      whole: () => {
        this.#last = { kind: this.#algorithm.kind, value: running.value() };
      },
    };
  }

  async checksum(kind: ChecksumKind): Promise<Checksum> {
    if (kind !== this.#algorithm.kind) {
      throw new TransferError(
        "unsupported",
        `There is no algorithm for the checksum ${kind}; pass one in createTransfers({ checksums }).`,
      );
    }
    if (!this.#last) {
      for await (const _ of this.open()) {
        // Reading is hashing.
      }
      this.settle(true);
    }
    return this.#last!;
  }

  /** Checksum of the last complete read. */
  get last(): Checksum | undefined {
    return this.#last;
  }

  /** Ends the last read. `quiet`: nothing can still look at its buffers, they may be used again. */
  settle(quiet: boolean): void {
    this.#running?.release(quiet);
    this.#running = undefined;
  }
}

/** What one reading works with. */
interface Begun {
  readonly inner: AsyncIterator<Uint8Array>;
  readonly running: RunningChecksum;
  readonly watcher: BodyWatcher | undefined;
  /** Every byte was hashed. */
  whole(): void;
}

/**
 * One reading, from the first byte. Written by hand, like all that each chunk passes: a chain of generators costs a
 * process more to compile than a gibibyte costs to hash.
 */
class Reading implements AsyncIterator<Uint8Array> {
  readonly #expected: number;
  readonly #begin: () => Begun;
  #begun: Begun | undefined;
  #size = 0;
  #over = false;

  constructor(expected: number, begin: () => Begun) {
    this.#expected = expected;
    this.#begin = begin;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#over) return { done: true, value: undefined };
    try {
      this.#begun ??= this.#begin();
      const step = await this.#begun.inner.next();
      if (step.done) this.#end();
      else await this.#take(this.#begun, step.value);
      return step;
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    if (!this.#over) {
      this.#over = true;
      await this.#begun?.inner.return?.();
    }
    return { done: true, value: undefined };
  }

  /** A promise only where there is something to wait for. */
  #take(begun: Begun, bytes: Uint8Array): Promise<void> | undefined {
    this.#size += bytes.byteLength;
    if (this.#size > this.#expected) throw wrongLength(this.#expected, this.#size);
    begun.running.update(bytes);
    if (this.#size === this.#expected && begun.watcher?.beforeEnd) {
      return begun.watcher.beforeEnd().then(() => this.#pass(begun, bytes));
    }
    this.#pass(begun, bytes);
    return undefined;
  }

  #pass(begun: Begun, bytes: Uint8Array): void {
    if (this.#size === this.#expected) begun.whole();
    begun.watcher?.moved(bytes.byteLength);
  }

  #end(): void {
    this.#over = true;
    if (this.#size !== this.#expected) throw wrongLength(this.#expected, this.#size);
    if (this.#size === 0) this.#begun!.whole();
  }
}

function withBuffers(options: ReadOptions, running: RunningChecksum): ReadOptions {
  return {
    ...(options.signal && { signal: options.signal }),
    ...(running.buffers && { buffers: running.buffers }),
  };
}

function wrongLength(expected: number, actual: number): TransferError {
  const how = actual < expected ? `ended after ${actual}` : "went on after";
  return new TransferError(
    "source-changed",
    `A part of the source ${how} of its ${expected} bytes: it changed while it was read. Run the same again when it is at rest.`,
  );
}

/** Reads a slice to its end and returns its checksum. */
export async function checksumOf(
  slice: Slice,
  algorithm: ChecksumAlgorithm,
  signal: AbortSignal,
): Promise<Checksum> {
  const body = new PartBody(slice, algorithm);
  try {
    for await (const _ of body.open({ signal })) {
      // Reading is hashing.
    }
    return body.last!;
  } finally {
    body.settle(!signal.aborted);
  }
}
