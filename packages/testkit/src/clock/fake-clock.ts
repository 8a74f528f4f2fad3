import type { Clock } from "@partwise/core/contract";
import { type SeededRandom, seededRandom } from "./random.js";
import { countRealWork, idle } from "./real-work.js";

/** Options of {@link fakeClock}. */
export interface FakeClockOptions {
  /** Milliseconds since 1970. Default 1,700,000,000,000 (November 2023). */
  readonly start?: number;
  /** Seed of `random()`. Default 1. */
  readonly seed?: number;
}

/** Virtual time: an hour passes in a millisecond, and the same seed replays the same history. */
export interface FakeClock extends Clock {
  /** Sleepers that wait. */
  readonly sleepers: number;
  /** Lets `ms` milliseconds pass, waking sleepers in the order of their times; each may run as far as it can before the next wakes. */
  advance(ms: number): Promise<void>;
  /**
   * Lets time pass as fast as the work can use it, until the work has settled, and gives its result. Rejects when the
   * work waits for something that no sleeper will bring (a deadlock), or after `within` milliseconds of virtual time.
   * The work must do no real input or output: time would run ahead of it.
   * @param options.within Default 30 days.
   */
  run<T>(work: Promise<T> | (() => Promise<T>), options?: { readonly within?: number }): Promise<T>;
  /** Runs what can run without time passing. */
  settle(): Promise<void>;
  /** Moves the wall clock alone, as a laptop's lid or a time server does: sleepers notice nothing. */
  jump(ms: number): void;
  /** The clock of another machine: the same passing of time, shown `ms` milliseconds later (or earlier). */
  skewed(ms: number): Clock;
}

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/** Makes a {@link FakeClock}. */
export function fakeClock(options: FakeClockOptions = {}): FakeClock {
  countRealWork();
  const random: SeededRandom = seededRandom(options.seed ?? 1);
  const sleepers: Sleeper[] = [];
  let elapsed = 0;
  let wall = options.start ?? 1_700_000_000_000;

  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const end = () => {
        sleepers.splice(sleepers.indexOf(sleeper), 1);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const sleeper: Sleeper = { due: elapsed + Math.max(0, ms), wake };
      sleepers.splice(placeOf(sleepers, sleeper.due), 0, sleeper);
      signal?.addEventListener("abort", end, { once: true });
    });

  /** Wakes the first sleeper due by `until`; false when there is none. */
  const wakeNext = (until: number): boolean => {
    const next = sleepers[0];
    if (next === undefined || next.due > until || next.due === Number.POSITIVE_INFINITY) return false;
    sleepers.shift();
    elapsed = Math.max(elapsed, next.due);
    next.wake();
    return true;
  };

  const clock: FakeClock = {
    get sleepers() {
      return sleepers.length;
    },
    now: () => Math.floor(wall + elapsed),
    random: random.next,
    sleep,
    settle: idle,
    async advance(ms) {
      const until = elapsed + ms;
      do await idle();
      while (wakeNext(until));
      elapsed = until;
    },
    async run(work, { within = 30 * 86_400_000 } = {}) {
      const until = elapsed + within;
      let settled = false;
      const result = typeof work === "function" ? work() : work;
      const note = () => {
        settled = true;
      };
      result.then(note, note);
      for (;;) {
        await idle();
        if (settled) return result;
        if (!wakeNext(until)) throw new Error(stuck(sleepers.length, within));
      }
    },
    jump(ms) {
      wall += ms;
    },
    skewed: (ms) => ({ now: () => clock.now() + ms, random: random.next, sleep }),
  };
  return clock;
}

/** After all sleepers that are due at the same time or earlier: who came first wakes first. */
function placeOf(sleepers: readonly Sleeper[], due: number): number {
  let [low, high] = [0, sleepers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sleepers[middle] as Sleeper).due <= due) low = middle + 1;
    else high = middle;
  }
  return low;
}

function stuck(sleepers: number, within: number): string {
  return sleepers === 0
    ? "fake clock: the work has not settled and nobody sleeps, so nothing will ever wake it"
    : `fake clock: the work has not settled within ${within} ms of virtual time; ${sleepers} sleepers wait`;
}
