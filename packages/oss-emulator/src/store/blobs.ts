import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Folders of data files. A folder that is being read is removed only when its last reader has left. */
export class BlobShelf {
  readonly #readers = new Map<string, number>();
  readonly #doomed = new Set<string>();
  readonly #removals = new Set<Promise<void>>();

  constructor(readonly folder: string) {}

  path(blob: string, file = ""): string {
    return join(this.folder, blob, file);
  }

  async create(): Promise<string> {
    const blob = randomBytes(16).toString("hex").toUpperCase();
    await mkdir(this.path(blob));
    return blob;
  }

  hold(blob: string): () => void {
    this.#readers.set(blob, (this.#readers.get(blob) ?? 0) + 1);
    return () => {
      const left = (this.#readers.get(blob) ?? 1) - 1;
      if (left > 0) {
        this.#readers.set(blob, left);
        return;
      }
      this.#readers.delete(blob);
      if (this.#doomed.delete(blob)) this.#erase(blob);
    };
  }

  /** Removes in the background: nobody needs to wait for old bytes to go. */
  remove(blob: string): void {
    if (this.#readers.has(blob)) this.#doomed.add(blob);
    else this.#erase(blob);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#removals);
  }

  #erase(blob: string): void {
    const removal = rm(this.path(blob), { recursive: true, force: true, maxRetries: 3 })
      // What cannot be removed now is an orphan that the next start removes.
      .catch(() => {})
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }
}
