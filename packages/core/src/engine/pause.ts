import type { Clock } from "../contracts/clock.js";

/** First and longest pause before a commit whose answer was lost is tried again, in milliseconds. */
const first = 500;
const longest = 20_000;

/** Waits before the next try after `attempt` (from 0) gave no answer. */
export function pauseAfter(attempt: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return clock.sleep(Math.min(longest, first * 2 ** attempt) * (0.5 + clock.random() / 2), signal);
}
