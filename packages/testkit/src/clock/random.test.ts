import { expect, it } from "vitest";
import { seededRandom } from "./random.js";

it("repeats itself for one seed and differs for the next", () => {
  const draw = (seed: number) => Array.from({ length: 20 }, seededRandom(seed).next);
  expect(draw(3)).toEqual(draw(3));
  expect(draw(3)).not.toEqual(draw(4));
});

it("spreads evenly enough, for small seeds too", () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = seededRandom(seed);
    const tens = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 10_000; draw++) tens[random.below(10)]! += 1;
    for (const count of tens) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  }
});

it("forks into a sequence of its own", () => {
  const random = seededRandom(1);
  const fork = random.fork();
  const rest = [random.next(), random.next()];
  const again = seededRandom(1);
  const other = again.fork();
  for (let draw = 0; draw < 5; draw++) other.next();
  expect([again.next(), again.next()]).toEqual(rest);
  expect(fork.next()).not.toBe(rest[0]);
});
