/** Sends one part; ends early, with the signal's reason, when the signal aborts. */
export type SendAttempt = (signal: AbortSignal) => Promise<void>;

/** One part on its way, perhaps twice: the first acknowledgement wins and ends the other. */
export class Flight {
  readonly number: number;
  readonly startedAt: number;
  readonly #over = new AbortController();
  readonly #attempts: Promise<void>[] = [];
  #landed = false;

  constructor(number: number, startedAt: number) {
    this.number = number;
    this.startedAt = startedAt;
  }

  /** Whether a second attempt is on its way. */
  get doubled(): boolean {
    return this.#attempts.length > 1;
  }

  /** Starts an attempt. Its failure counts only when no other attempt brings the part home. */
  start(send: SendAttempt): Promise<void> {
    const attempt = send(this.#over.signal).then(() => {
      this.#landed = true;
      this.#over.abort(new Error(`part ${this.number} landed by another attempt`));
    });
    this.#attempts.push(attempt);
    return attempt.catch(async (error: unknown) => {
      const others = this.#attempts.filter((each) => each !== attempt);
      await Promise.allSettled(others);
      if (!this.#landed && this.#attempts[0] === attempt) throw error;
    });
  }
}
