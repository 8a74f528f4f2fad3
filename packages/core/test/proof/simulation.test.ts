import { describe, expect, test } from "vitest";
import { playAll, seedsFrom } from "./helpers/sim/many.js";
import { simulate } from "./helpers/sim/simulate.js";

/** Histories in every `npm test`. */
const total = 300;
const each = 50;

describe("whole transfers on seeded chance keep every rule", () => {
  const firsts = process.env.PARTWISE_SEED
    ? [1]
    : Array.from({ length: total / each }, (_, index) => 1 + index * each);
  test.each(firsts)("histories from %i", async (first) => {
    const { histories, lives } = await playAll(seedsFrom(first, each));
    expect(lives).toBeGreaterThanOrEqual(2 * histories);
  });
});

test("a seed is a history: it replays exactly", async () => {
  for (const seed of [26, 97, 186]) {
    expect((await simulate(seed)).log).toEqual((await simulate(seed)).log);
  }
});
