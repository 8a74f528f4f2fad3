import type { Clock } from "../contracts/clock.js";

/** Retries that may follow at once on a fault that hits everything. */
const capacity = 32;
/** What a success gives back. */
const perSuccess = 0.2;
/** What a second gives back, so that a dead remote is still tried now and then. */
const perSecond = 2;

/**
 * A token bucket over all retries to one endpoint: while most calls succeed it is never felt, and when all fail it
 * turns a storm of retries into a trickle.
 */
export class RetryBudget {
  readonly #clock: Clock;
  #tokens = capacity;
  #at: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = clock.now();
  }

  succeeded(): void {
    this.#tokens = Math.min(capacity, this.#tokens + perSuccess);
  }

  /** Takes one token, waiting for it if there is none. */
  async take(signal: AbortSignal): Promise<void> {
    this.#refill();
    this.#tokens--;
    if (this.#tokens >= 0) return;
    await this.#clock.sleep(Math.ceil((-this.#tokens / perSecond) * 1000), signal);
  }

  #refill(): void {
    const now = this.#clock.now();
    const gained = (Math.max(0, now - this.#at) / 1000) * perSecond;
    this.#tokens = Math.min(capacity, this.#tokens + gained);
    this.#at = now;
  }
}
