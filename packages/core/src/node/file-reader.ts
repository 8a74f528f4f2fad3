import { closeSync, read as readAt, readSync } from "node:fs";
import { readRing } from "../builtin/read-ring.js";
import type { ReadOptions } from "../contracts/source.js";
import { TransferError } from "../errors.js";
import type { Range } from "../model/range.js";
import type { AtOnce } from "./at-once.js";
import { unreadable } from "./unreadable.js";

/** One descriptor that many slices read from at the same time, each by its own positions. */
export class FileReader {
  readonly #descriptor: number;
  readonly #location: string;
  readonly #atOnce: AtOnce;
  #inUse = 0;
  #closed: Promise<void> | undefined;
  #idle: (() => void) | undefined;

  constructor(descriptor: number, location: string, atOnce: AtOnce) {
    this.#descriptor = descriptor;
    this.#location = location;
    this.#atOnce = atOnce;
  }

  /**
   * Bytes of a range. What lies in memory is read at once, a chunk at a time; otherwise one piece is read ahead of the
   * consumer. Ends only when no read is in flight, so that the buffers are free for whoever comes next.
   */
  read(range: Range, options: ReadOptions = {}): AsyncIterable<Uint8Array> {
    return { [Symbol.asyncIterator]: () => new Reading(this, this.#atOnce, range, options) };
  }

  /** The descriptor, for what is done at once. Throws when it was closed. */
  get descriptor(): number {
    if (this.#closed === undefined) return this.#descriptor;
    throw new TransferError("source-unreadable", `Cannot read ${this.#location}: the source was closed.`);
  }

  /** Closes the descriptor once nothing reads from it; may be called again. */
  close(): Promise<void> {
    this.#closed ??= this.#closeWhenIdle();
    return this.#closed;
  }

  async #closeWhenIdle(): Promise<void> {
    if (this.#inUse > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    closeSync(this.#descriptor);
  }

  /** Fills a piece through the thread pool. */
  async fill(piece: Uint8Array, position: number): Promise<Uint8Array> {
    const { descriptor } = this;
    this.#inUse++;
    try {
      let filled = 0;
      while (filled < piece.byteLength) {
        const count = await this.#readOnce(descriptor, piece, filled, position + filled);
        if (count === 0) throw becameShorter(this.#location, position + filled);
        filled += count;
      }
      return piece;
    } finally {
      if (--this.#inUse === 0) this.#idle?.();
    }
  }

  /** Fills a piece in the main thread. */
  fillAtOnce(piece: Uint8Array, position: number): void {
    const { descriptor } = this;
    let filled = 0;
    while (filled < piece.byteLength) {
      let count: number;
      try {
        count = readSync(descriptor, piece, filled, piece.byteLength - filled, position + filled);
      } catch (error) {
        throw unreadable(this.#location, error);
      }
      if (count === 0) throw becameShorter(this.#location, position + filled);
      filled += count;
    }
  }

  #readOnce(descriptor: number, piece: Uint8Array, from: number, position: number): Promise<number> {
    // The callback form: it costs less than the promise form, and this runs for every piece of every part.
    return new Promise((resolve, reject) => {
      readAt(descriptor, piece, from, piece.byteLength - from, position, (error, count) => {
        if (error) reject(unreadable(this.#location, error));
        else resolve(count);
      });
    });
  }
}

/** One reading of a range. By hand: compiling a generator for this costs a process more than reading a gibibyte. */
class Reading implements AsyncIterator<Uint8Array> {
  readonly #reader: FileReader;
  readonly #atOnce: AtOnce;
  readonly #room: Room;
  readonly #signal: AbortSignal | undefined;
  readonly #end: number;
  #at: number;
  #ahead: Promise<Uint8Array> | undefined;
  #over = false;

  constructor(reader: FileReader, atOnce: AtOnce, { start, end }: Range, { signal, buffers }: ReadOptions) {
    this.#reader = reader;
    this.#atOnce = atOnce;
    this.#signal = signal;
    this.#room = new Room(end - start, buffers ?? readRing(end - start));
    this.#at = start;
    this.#end = end;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#over) return { done: true, value: undefined };
    try {
      this.#signal?.throwIfAborted();
      if (this.#ahead === undefined && this.#at === this.#end) return await this.return();
      const atOnce = this.#ahead === undefined && this.#atOnce.next();
      return { done: false, value: atOnce ? this.#readAtOnce() : await this.#readAhead() };
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#over = true;
    await this.#ahead?.catch(() => {});
    return { done: true, value: undefined };
  }

  #readAtOnce(): Uint8Array {
    const chunk = this.#room.chunk(this.#end - this.#at);
    const position = this.#at;
    this.#at += chunk.byteLength;
    this.#atOnce.run(chunk.byteLength, () => this.#reader.fillAtOnce(chunk, position));
    return chunk;
  }

  async #readAhead(): Promise<Uint8Array> {
    const piece = await (this.#ahead ?? this.#begin());
    this.#signal?.throwIfAborted();
    const more = this.#at < this.#end && (this.#room.half || !this.#atOnce.next());
    this.#ahead = more ? this.#begin() : undefined;
    return piece;
  }

  #begin(): Promise<Uint8Array> {
    const piece = this.#room.piece(this.#end - this.#at);
    const reading = this.#reader.fill(piece, this.#at);
    this.#at += piece.byteLength;
    // Reading ahead may fail before anybody waits for it.
    reading.catch(() => {});
    return reading;
  }
}

/**
 * Hands out room for the next bytes, from a ring of two chunks. Whoever reads on demand gets whole chunks. While one
 * piece is read ahead the consumer may still look at two others: so each chunk gives two pieces, unless everything
 * fits into one.
 */
class Room {
  readonly #buffers: NonNullable<ReadOptions["buffers"]>;
  readonly #halving: boolean;
  #chunk: Uint8Array | undefined;
  /** Whether the chunk's second half is still to be given. */
  half = false;

  constructor(size: number, buffers: NonNullable<ReadOptions["buffers"]>) {
    this.#buffers = buffers;
    this.#halving = size > buffers.chunkSize && buffers.chunkSize >= 2;
  }

  chunk(left: number): Uint8Array {
    this.half = false;
    return this.#buffers.take().subarray(0, Math.min(this.#buffers.chunkSize, left));
  }

  piece(left: number): Uint8Array {
    if (!this.#halving) return this.chunk(left);
    const size = Math.floor(this.#buffers.chunkSize / 2);
    if (this.half) {
      this.half = false;
      return this.#chunk!.subarray(size, size + Math.min(size, left));
    }
    this.#chunk = this.#buffers.take();
    this.half = true;
    return this.#chunk.subarray(0, Math.min(size, left));
  }
}

function becameShorter(location: string, size: number): TransferError<"source-changed"> {
  return new TransferError(
    "source-changed",
    `${location} became shorter while it was read: it ended at byte ${size}. Run the same again when it is at rest.`,
  );
}
