import type { TransferSummary } from "@partwise/core";

/** Milliseconds over which a rate is taken. */
const window = 10_000;

interface Sample {
  readonly at: number;
  readonly bytes: number;
}

/** How fast transfers move that other processes carry out, from looks at what is stored. */
export class Pace {
  readonly #looks = new Map<string, Sample[]>();

  /** Notes what a look at the store showed; forgets what is no longer there. */
  note(found: readonly TransferSummary[], at: number): void {
    const here = new Set(found.map(({ id }) => id));
    for (const id of this.#looks.keys()) if (!here.has(id)) this.#looks.delete(id);
    for (const { id, storedBytes } of found) {
      const before = this.#looks.get(id) ?? [];
      // What falls is another session's work.
      const last = before.at(-1);
      const kept = last && last.bytes <= storedBytes ? before.filter((each) => at - each.at <= window) : [];
      this.#looks.set(id, [...kept, { at, bytes: storedBytes }]);
    }
  }

  /** Bytes per second; 0 until known. */
  of(id: string): number {
    const [first, ...rest] = this.#looks.get(id) ?? [];
    const last = rest.at(-1);
    if (!first || !last || last.at === first.at) return 0;
    return ((last.bytes - first.bytes) * 1000) / (last.at - first.at);
  }
}
