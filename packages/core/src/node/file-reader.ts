import { closeSync, read as readAt } from "node:fs";
import { readRing } from "../builtin/read-ring.js";
import type { ReadOptions } from "../contracts/source.js";
import { TransferError } from "../errors.js";
import type { Range } from "../model/range.js";
import { unreadable } from "./unreadable.js";

/** One descriptor that many slices read from at the same time, each by its own positions. */
export class FileReader {
  readonly #descriptor: number;
  readonly #location: string;
  #inUse = 0;
  #closed: Promise<void> | undefined;
  #idle: (() => void) | undefined;

  constructor(descriptor: number, location: string) {
    this.#descriptor = descriptor;
    this.#location = location;
  }

  /**
   * Bytes of a range, reading one piece ahead of the consumer. Ends only when no read is in flight, so that the
   * buffers are free for whoever comes next.
   */
  async *read(range: Range, { signal, buffers }: ReadOptions = {}): AsyncGenerator<Uint8Array, void, void> {
    signal?.throwIfAborted();
    const size = range.end - range.start;
    const nextPiece = pieces(size, buffers ?? readRing(size));
    let at = range.start;
    const readNext = (): Promise<Uint8Array> => {
      const piece = nextPiece(range.end - at);
      const position = at;
      at += piece.byteLength;
      const reading = this.#fill(piece, position);
      // Reading ahead may fail before anybody waits for it.
      reading.catch(() => {});
      return reading;
    };
    let ahead: Promise<Uint8Array> | undefined;
    try {
      if (at < range.end) ahead = readNext();
      while (ahead !== undefined) {
        const piece: Uint8Array = await ahead;
        signal?.throwIfAborted();
        ahead = at < range.end ? readNext() : undefined;
        yield piece;
        signal?.throwIfAborted();
      }
    } finally {
      await ahead?.catch(() => {});
    }
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

  async #fill(piece: Uint8Array, position: number): Promise<Uint8Array> {
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

/**
 * Hands out room for the next bytes. The consumer may still look at two pieces while the third is being read, and a
 * ring has two chunks: so each chunk gives two pieces, unless everything fits into one.
 */
function pieces(size: number, buffers: NonNullable<ReadOptions["buffers"]>): (left: number) => Uint8Array {
  const { chunkSize } = buffers;
  const halved = size > chunkSize && chunkSize >= 2;
  const pieceSize = halved ? Math.floor(chunkSize / 2) : chunkSize;
  let chunk: Uint8Array = new Uint8Array(0);
  let start = 0;
  return (left) => {
    const second = halved && start === 0 && chunk.byteLength > 0;
    if (!second) chunk = buffers.take();
    start = second ? pieceSize : 0;
    return chunk.subarray(start, start + Math.min(pieceSize, left));
  };
}

function becameShorter(location: string, size: number): TransferError<"source-changed"> {
  return new TransferError(
    "source-changed",
    `${location} became shorter while it was read: it ended at byte ${size}. Run the same again when it is at rest.`,
  );
}
