import type { Clock } from "../contracts/clock.js";

/** A reason of our own: without one, each abort would make an exception with a stack. */
const ended = new Error("ended");

/** Attempts under way get so long, in milliseconds, to end by themselves before they are cut off. */
export const grace = 2_000;

/**
 * How a run ends early, in two steps: `stop` lets nothing new begin, `kill` ends what is under way. The user's abort and
 * the first fatal failure both go this way, so that what is nearly acknowledged still counts.
 */
export class Halt {
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  readonly #kill = new AbortController();
  /** Made when there is something to call off. */
  #over: AbortController | undefined;
  readonly #onAbort: () => void;
  readonly #user: AbortSignal | undefined;

  constructor(clock: Clock, user: AbortSignal | undefined) {
    this.#clock = clock;
    this.#user = user;
    this.#onAbort = () => this.fail(user?.reason);
    if (user?.aborted) this.fail(user.reason);
    else user?.addEventListener("abort", this.#onAbort, { once: true });
  }

  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  get kill(): AbortSignal {
    return this.#kill.signal;
  }

  /** The first reason counts. */
  fail(reason: unknown): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort(reason);
    this.#over = new AbortController();
    void this.#clock.sleep(grace, this.#over.signal).then(
      () => this.#kill.abort(reason),
      () => undefined,
    );
  }

  /** Everything has settled. */
  over(): void {
    this.#user?.removeEventListener("abort", this.#onAbort);
    this.#over?.abort(ended);
  }
}
