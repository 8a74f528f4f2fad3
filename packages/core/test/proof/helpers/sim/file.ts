import type { Source, SourceOpener, SourceState } from "@partwise/core/contract";
import type { SeededRandom } from "@partwise/testkit";
import { bytesOf } from "../data.js";

/** Bytes that one read of the source gives. */
const chunk = 300;

/** A file that somebody else may write to while it is sent. */
export class SimFile {
  readonly path: string;
  readonly #random: SeededRandom;
  #bytes: Uint8Array;
  #written = 0;
  #touched = 0;
  /** Everything it ever held. */
  readonly contents: Uint8Array[] = [];

  constructor(path: string, size: number, random: SeededRandom) {
    this.path = path;
    this.#random = random;
    this.#bytes = bytesOf(size, random.below(2 ** 31));
    this.contents.push(this.#bytes);
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Other bytes in some places; the same size, or another. */
  write(size: number): void {
    const bytes = bytesOf(size, this.#random.below(2 ** 31));
    // Most of it stays, as in a file that was edited.
    const kept = Math.min(size, this.#bytes.length);
    const edited = this.#random.below(kept);
    bytes.set(this.#bytes.subarray(0, edited));
    this.#bytes = bytes;
    this.#written++;
    this.contents.push(bytes);
  }

  /** Only facts that say nothing about content move. */
  touch(): void {
    this.#touched++;
  }

  opener(): SourceOpener {
    return { open: async () => this.#open() };
  }

  #open(): Source {
    const size = this.#bytes.length;
    const written = this.#written;
    let touched = this.#touched;
    const bytesNow = () => this.#bytes;
    const verify = async (): Promise<SourceState> => {
      if (this.#written !== written) return "changed";
      if (this.#touched === touched) return "same";
      touched = this.#touched;
      return "touched";
    };
    return {
      size,
      location: this.path,
      fingerprint: { path: this.path, written, touched },
      slice: ({ start, end }) => ({
        size: end - start,
        async *open({ signal } = {}) {
          for (let at = start; at < end; at += chunk) {
            signal?.throwIfAborted();
            const bytes = bytesNow().slice(at, Math.min(at + chunk, end));
            if (bytes.length === 0) return;
            yield bytes;
          }
        },
      }),
      verify,
      close: async () => {},
    };
  }
}
