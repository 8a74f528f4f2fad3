import type { Socket } from "node:net";
import { sleep } from "./sleep.js";

/** An emulated wide-area network. 0 or absent means without limit. */
export interface NetworkOptions {
  /** Body bytes per second of one connection, each direction's bytes counted together. */
  connectionBytesPerSecond?: number;
  /** Body bytes per second of all connections together. */
  totalBytesPerSecond?: number;
  /** Milliseconds before each request is looked at. */
  requestLatency?: number;
  /** Milliseconds before the first request of a connection is looked at. */
  connectionLatency?: number;
  /** Probability 0 to 1 that a request's connection is reset at a random byte of its body. */
  resetProbability?: number;
  /** Seed of the resets, default 1. With one request at a time the same seed gives the same resets. */
  seed?: number;
}

/** Lets bytes pass at a rate, by making the one who moves them wait. */
export class Pace {
  #due = 0;

  constructor(readonly bytesPerSecond: number) {}

  async take(bytes: number, signal: AbortSignal): Promise<void> {
    const now = performance.now();
    this.#due = Math.max(this.#due, now) + (bytes * 1000) / this.bytesPerSecond;
    // Waits of a few milliseconds are saved up: timers are coarse.
    if (this.#due - now > 4) await sleep(this.#due - now, signal);
  }
}

export class Network {
  #options: NetworkOptions = {};
  #total: Pace | undefined;
  #connections = new WeakMap<Socket, Pace>();
  readonly #known = new WeakSet<Socket>();
  #random: () => number = randomFrom(1);

  constructor(options: NetworkOptions) {
    this.set(options);
  }

  get options(): NetworkOptions {
    return this.#options;
  }

  /** Replaces all settings; requests that run keep the old ones. */
  set(options: NetworkOptions): void {
    for (const [name, value] of Object.entries(options)) {
      if (!NAMES.has(name)) throw new TypeError(`There is no network setting "${name}".`);
      if (typeof value !== "number" || !(value >= 0))
        throw new TypeError(`${name} must be a number of at least 0.`);
    }
    this.#options = { ...options };
    this.#total = options.totalBytesPerSecond ? new Pace(options.totalBytesPerSecond) : undefined;
    this.#connections = new WeakMap();
    this.#random = randomFrom(options.seed ?? 1);
  }

  async arrive(socket: Socket, signal: AbortSignal): Promise<void> {
    const first = !this.#known.has(socket);
    this.#known.add(socket);
    const { requestLatency = 0, connectionLatency = 0 } = this.#options;
    const wait = requestLatency + (first ? connectionLatency : 0);
    if (wait > 0) await sleep(wait, signal);
  }

  paces(socket: Socket): Pace[] {
    const rate = this.#options.connectionBytesPerSecond;
    if (!rate) return this.#total ? [this.#total] : [];
    let own = this.#connections.get(socket);
    if (!own) {
      own = new Pace(rate);
      this.#connections.set(socket, own);
    }
    return this.#total ? [own, this.#total] : [own];
  }

  /** The byte after which this request's connection breaks, if chance wants it. */
  drawReset(length: number): number | undefined {
    const probability = this.#options.resetProbability ?? 0;
    if (probability === 0 || this.#random() >= probability) return undefined;
    return Math.floor(this.#random() * length);
  }
}

const NAMES = new Set([
  "connectionBytesPerSecond",
  "totalBytesPerSecond",
  "requestLatency",
  "connectionLatency",
  "resetProbability",
  "seed",
]);

/** A small generator with 32 bits of state (xorshift). */
function randomFrom(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
