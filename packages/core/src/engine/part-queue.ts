/** Part numbers waiting to be sent. Stays open while a proof may still add some. */
export class PartQueue {
  readonly #numbers: number[];
  #closed = false;
  #wake: (() => void) | undefined;
  #next = 0;

  constructor(numbers: readonly number[] = []) {
    this.#numbers = [...numbers];
  }

  push(number: number): void {
    this.#numbers.push(number);
    this.#wake?.();
  }

  /** No more will come. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** Numbers not yet taken. */
  get waiting(): number {
    return this.#numbers.length - this.#next;
  }

  /** The next number, or `undefined` when closed and empty. One taker at a time. */
  async next(signal: AbortSignal): Promise<number | undefined> {
    while (this.waiting === 0 && !this.#closed) await this.#more(signal);
    signal.throwIfAborted();
    return this.#numbers[this.#next++];
  }

  #more(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const leave = () => reject(signal.reason);
      signal.addEventListener("abort", leave, { once: true });
      this.#wake = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
    });
  }
}
