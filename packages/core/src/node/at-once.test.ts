import { expect, it } from "vitest";
import { AtOnce } from "./at-once.js";

const MiB = 1024 * 1024;

function busyFor(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

it("gives everybody else a turn after some megabytes", () => {
  const pace = new AtOnce();
  const made: boolean[] = [];
  for (let i = 0; i < 10; i++) {
    made.push(pace.next());
    if (made.at(-1)) pace.run(MiB, () => undefined);
  }
  expect(made).toEqual([true, true, true, true, false, true, true, true, true, false]);
});

it("leaves slow calls to the thread pool, and tries again later", () => {
  const pace = new AtOnce();
  expect(pace.next()).toBe(true);
  pace.run(0, () => busyFor(3));
  let away = 0;
  while (!pace.next()) away++;
  expect(away).toBe(64);
});

it("never calls at once where it may not", () => {
  const pace = new AtOnce(Infinity);
  for (let i = 0; i < 1_000; i++) expect(pace.next()).toBe(false);
});
