/**
 * Time and chance, as the engine sees them. Nothing else in core uses Date, timers or Math.random, so a
 * test can run an hour of backoff in a millisecond and replay it exactly.
 */
export interface Clock {
  /** Milliseconds since 1970, UTC. May jump when the machine's clock is set. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with `signal.reason` as soon as the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A number in [0, 1). */
  random(): number;
}
