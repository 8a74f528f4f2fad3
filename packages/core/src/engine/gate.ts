/** Limits what is in flight, first come first served, over everything that shares it. */
export class Gate {
  #limit: number;
  #inside = 0;
  readonly #waiting = new Set<() => void>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Places taken now. */
  get inside(): number {
    return this.#inside;
  }

  /** A smaller limit takes hold as places are given back. */
  setLimit(limit: number): void {
    this.#limit = limit;
    this.#admit();
  }

  /** Resolves with the function that gives the place back (once; more calls do nothing). Rejects with `signal.reason`. */
  async enter(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#inside >= this.#limit || this.#waiting.size > 0) await this.#turn(signal);
    else this.#inside++;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#inside--;
      this.#admit();
    };
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const admit = () => {
        signal.removeEventListener("abort", leave);
        this.#waiting.delete(admit);
        this.#inside++;
        resolve();
      };
      const leave = () => {
        this.#waiting.delete(admit);
        reject(signal.reason);
      };
      this.#waiting.add(admit);
      signal.addEventListener("abort", leave, { once: true });
    });
  }

  #admit(): void {
    for (const admit of this.#waiting) {
      if (this.#inside >= this.#limit) return;
      admit();
    }
  }
}
