import type { Clock } from "./contracts/clock.js";

/** Timers hold no more milliseconds than this (about 25 days) and fire at once beyond it. */
const longestTimer = 2 ** 31 - 1;

/** The machine's own time and chance. */
export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const end = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(
        () => {
          signal?.removeEventListener("abort", end);
          resolve();
        },
        Math.min(ms, longestTimer),
      );
      signal?.addEventListener("abort", end, { once: true });
    }),
};
