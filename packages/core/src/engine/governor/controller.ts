/**
 * Finds how many parts to have in flight, from acknowledged parts alone.
 *
 * The estimate of goodput at `limit` connections is limit × the median rate of one connection, taken over parts that
 * began after the last change: medians forgive single slow parts, and older parts tell of another limit. How much of a
 * step in connections comes back as goodput (its elasticity) says what the bottleneck is: a cap on each connection
 * gives all of it back, a shared link nothing.
 */
export interface ControllerOptions {
  /** Connections to begin with. */
  readonly start: number;
  readonly min: number;
  readonly max: number;
}

/** Why the limit moved. */
export type LimitReason = "slow-start" | "probe" | "settle" | "throttled";

/** One acknowledged part. */
export interface PartSample {
  readonly bytes: number;
  /** Milliseconds, by one clock. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** A doubling goes on while it gives back at least this much of itself. */
const slowStartGain = 1.35;
/** A probe upward of a quarter is kept when it gives back this much; less is noise or somebody else's share. */
const probeGain = 1.08;
/** A probe downward of a fifth is kept when it costs no more than this. */
const probeCost = 0.97;
/** Epochs to stay before the next probe; doubles while probes fail. */
const firstStay = 2;
const longestStay = 16;
/** A cut for throttling, and the milliseconds until the next may follow. */
const cut = 0.7;
const cutEvery = 1_000;
/** Goodput that fell below this at an unchanged limit: the network has changed, what was learned no longer holds. */
const collapse = 0.6;

/** A controller of what is in flight. Pure: fed with samples, it only ever answers with a number. */
export class Controller {
  readonly #options: ControllerOptions;
  #limit: number;
  #changedAt = Number.NEGATIVE_INFINITY;
  #samples: number[] = [];
  #slowStart = true;
  #cutAt = Number.NEGATIVE_INFINITY;
  /** What is known to be good. */
  #base: { limit: number; goodput: number } | undefined;
  #probing: "up" | "down" | undefined;
  #upNext = true;
  #stay = firstStay;
  #stayed = 0;
  /** Why the limit is what it is. */
  reason: LimitReason = "slow-start";

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#limit = options.start;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Bytes per second at the limit that is known to be good; `undefined` until known. */
  get goodput(): number | undefined {
    return this.#base?.goodput;
  }

  /** Bytes per second of one connection at that limit. */
  get perConnection(): number | undefined {
    return this.#base && this.#base.goodput / this.#base.limit;
  }

  /** Begins with more, unless something was learned already. */
  beginWith(limit: number): void {
    if (this.#limit !== this.#options.start || this.#base || !this.#slowStart) return;
    this.#limit = Math.min(this.#options.max, Math.max(limit, this.#limit));
  }

  /** An acknowledged part. */
  acknowledged(sample: PartSample): void {
    if (sample.startedAt < this.#changedAt) return;
    this.#samples.push((sample.bytes / Math.max(1, sample.endedAt - sample.startedAt)) * 1000);
    if (this.#samples.length < Math.max(3, this.#limit)) return;
    const goodput = this.#limit * median(this.#samples);
    this.#samples = [];
    if (this.#slowStart) this.#grow(goodput, sample.endedAt);
    else this.#judge(goodput, sample.endedAt);
  }

  /** The remote asked for less, or something on the way gave up. */
  throttled(now: number): void {
    if (now - this.#cutAt < cutEvery) return;
    this.#cutAt = now;
    this.#slowStart = false;
    this.#probing = undefined;
    this.#base = undefined;
    this.#upNext = true;
    this.#stay = firstStay;
    this.#move(Math.floor(this.#limit * cut), now, "throttled");
  }

  #grow(goodput: number, now: number): void {
    const before = this.#base;
    if (before && goodput < before.goodput * slowStartGain) {
      this.#slowStart = false;
      // Somewhere between the last good limit and this one; elasticity says where.
      const share = Math.min(1, Math.max(0, goodput / before.goodput - 1));
      this.#base = undefined;
      this.#move(Math.round(before.limit * (1 + share) + Math.sqrt(before.limit) / 2), now, "settle");
      return;
    }
    this.#base = { limit: this.#limit, goodput };
    if (this.#limit >= this.#options.max) this.#slowStart = false;
    this.#move(this.#limit * 2, now, "slow-start");
  }

  #judge(goodput: number, now: number): void {
    const base = this.#base;
    if (!base || !this.#probing) {
      const changed = base && goodput < base.goodput * collapse;
      this.#base = { limit: this.#limit, goodput: base && !changed ? (base.goodput + goodput) / 2 : goodput };
      if (changed) this.#stay = firstStay;
      if (++this.#stayed >= this.#stay || changed) this.#probe(now);
      return;
    }
    const kept =
      this.#probing === "up" ? goodput >= base.goodput * probeGain : goodput >= base.goodput * probeCost;
    this.#stayed = 0;
    if (kept) {
      // What helped once is tried again at once.
      this.#base = { limit: this.#limit, goodput };
      this.#stay = firstStay;
      this.#upNext = this.#probing === "up";
      this.#probe(now);
      return;
    }
    this.#upNext = this.#probing !== "up";
    this.#probing = undefined;
    this.#stay = Math.min(longestStay, this.#stay * 2);
    this.#move(base.limit, now, "settle");
  }

  #probe(now: number): void {
    this.#stayed = 0;
    const up = (this.#upNext || this.#limit <= this.#options.min) && this.#limit < this.#options.max;
    this.#probing = up ? "up" : "down";
    const step = up ? Math.max(1, Math.round(this.#limit / 4)) : -Math.max(1, Math.round(this.#limit / 5));
    const before = this.#limit;
    this.#move(this.#limit + step, now, "probe");
    if (this.#limit === before) this.#probing = undefined;
  }

  #move(limit: number, now: number, reason: LimitReason): void {
    const { min, max } = this.#options;
    const next = Math.min(max, Math.max(min, limit));
    this.reason = reason;
    this.#samples = [];
    if (next === this.#limit) return;
    this.#limit = next;
    this.#changedAt = now;
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
