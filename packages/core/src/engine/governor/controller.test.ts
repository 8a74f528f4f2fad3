import { seededRandom } from "@partwise/testkit";
import { describe, expect, test } from "vitest";
import { Controller } from "./controller.js";

const MB = 1e6;

interface Network {
  /** Bytes per second of one connection at most. */
  readonly perConnection: number;
  /** Bytes per second of all at most, at a time in milliseconds. */
  readonly link: (now: number) => number;
  /** Milliseconds before a part's first byte moves. */
  readonly rtt: number;
  /** Above so many connections the remote answers 503. */
  readonly most?: number;
  /** Share of parts whose connection is reset half-way. */
  readonly resets?: number;
}

/** A fluid model: whatever is sending shares the link equally. Returns bytes per second over the last half. */
function simulate(network: Network, { seconds = 60, part = 2 * MB, start = 8, seed = 1 } = {}) {
  const random = seededRandom(seed);
  const controller = new Controller({ start, min: 1, max: 64 });
  const flying: { startedAt: number; left: number; doomed: boolean }[] = [];
  const step = 10;
  let late = 0;
  const limits: number[] = [];
  for (let now = 0; now < seconds * 1000; now += step) {
    while (flying.length < controller.limit) {
      if (network.most !== undefined && flying.length >= network.most) {
        controller.throttled(now);
        break;
      }
      const jitter = 0.9 + random.next() * 0.2;
      flying.push({ startedAt: now, left: part * jitter, doomed: random.next() < (network.resets ?? 0) });
    }
    const moving = flying.filter((each) => now - each.startedAt >= network.rtt);
    const rate = Math.min(network.perConnection, network.link(now) / Math.max(1, moving.length));
    for (const each of moving) each.left -= (rate * step) / 1000;
    for (const each of moving.filter((one) => one.left <= 0 || (one.doomed && one.left < part / 2))) {
      flying.splice(flying.indexOf(each), 1);
      if (each.doomed) continue;
      controller.acknowledged({ bytes: part, startedAt: each.startedAt, endedAt: now });
      if (now >= seconds * 500) late += part;
    }
    limits.push(controller.limit);
  }
  return { rate: late / (seconds / 2), limit: controller.limit, limits };
}

const steady = (bytes: number) => () => bytes;

describe("finds the bottleneck", () => {
  test("a cap on each connection: enough of them to fill the link", () => {
    const { rate } = simulate({ perConnection: 4 * MB, link: steady(100 * MB), rtt: 100 });
    expect(rate).toBeGreaterThan(90 * MB);
  });

  test("a cap on each connection and a link without end: as many as allowed", () => {
    const { limit } = simulate({ perConnection: 1 * MB, link: steady(1e12), rtt: 100 });
    expect(limit).toBeGreaterThan(45);
  });

  test("a shared link that few connections fill: no more than a few", () => {
    const { rate, limits } = simulate({ perConnection: 1e12, link: steady(50 * MB), rtt: 20 });
    expect(rate).toBeGreaterThan(44 * MB);
    expect(Math.max(...limits.slice(limits.length / 2))).toBeLessThanOrEqual(24);
  });

  test("a remote that refuses above some connections: stays about there", () => {
    const { rate, limits } = simulate({ perConnection: 4 * MB, link: steady(1e12), rtt: 50, most: 20 });
    expect(rate).toBeGreaterThan(45 * MB);
    expect(Math.max(...limits.slice(limits.length / 2))).toBeLessThanOrEqual(40);
  });

  test("a lossy link is no reason to hold back", () => {
    const { rate } = simulate({ perConnection: 4 * MB, link: steady(100 * MB), rtt: 100, resets: 0.02 });
    expect(rate).toBeGreaterThan(85 * MB);
  });
});

describe("follows a network that changes", () => {
  test("a link that widens", () => {
    const { rate } = simulate(
      { perConnection: 4 * MB, link: (now) => (now < 30_000 ? 20 : 100) * MB, rtt: 100 },
      { seconds: 120 },
    );
    expect(rate).toBeGreaterThan(85 * MB);
  });

  test("a link that narrows keeps its goodput", () => {
    const { rate } = simulate(
      { perConnection: 4 * MB, link: (now) => (now < 30_000 ? 100 : 20) * MB, rtt: 100 },
      { seconds: 120 },
    );
    expect(rate).toBeGreaterThan(18 * MB);
  });

  test("competing traffic that comes and goes", () => {
    const link = (now: number) => (Math.floor(now / 10_000) % 2 === 0 ? 100 : 60) * MB;
    const { rate } = simulate({ perConnection: 4 * MB, link, rtt: 100 }, { seconds: 120 });
    expect(rate).toBeGreaterThan(0.85 * 80 * MB);
  });
});

test("the same history gives the same limits", () => {
  const network = { perConnection: 4 * MB, link: steady(100 * MB), rtt: 100, resets: 0.01 };
  expect(simulate(network, { seed: 5 }).limits).toEqual(simulate(network, { seed: 5 }).limits);
});

test("never leaves its bounds", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seededRandom(seed);
    const network = {
      perConnection: random.next() * 10 * MB + 1000,
      link: () => (random.next() + 0.01) * 100 * MB,
      rtt: random.next() * 300,
    };
    const { limits } = simulate(network, { seed, seconds: 30 });
    expect(Math.min(...limits)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...limits)).toBeLessThanOrEqual(64);
  }
});
