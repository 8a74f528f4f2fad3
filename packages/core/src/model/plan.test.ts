import fc from "fast-check";
import { expect, test } from "vitest";
import { makePlan, partRange, partSize } from "./plan.js";

const MiB = 1024 * 1024;
const oss = { partSize: { min: 100 * 1024, max: 5 * 1024 * MiB }, parts: 10_000 };

test("every plan covers the source exactly, in order, within the limits", () => {
  const sizes = fc.oneof(
    fc.integer({ min: 1, max: 64 * MiB }),
    fc.integer({ min: 1, max: oss.partSize.max * oss.parts }),
  );
  fc.assert(
    fc.property(sizes, (size) => {
      const plan = makePlan(size, oss);
      expect(plan.parts).toBeLessThanOrEqual(oss.parts);
      expect(plan.partSize).toBeLessThanOrEqual(oss.partSize.max);
      expect(plan.partSize).toBeGreaterThanOrEqual(oss.partSize.min);
      const last = partRange(plan, plan.parts);
      expect(last.end).toBe(size);
      expect(last.end - last.start).toBeGreaterThan(0);
      const some = Math.max(1, Math.floor(plan.parts / 2));
      expect(partRange(plan, 1).start).toBe(0);
      if (some < plan.parts) expect(partRange(plan, some).end).toBe(partRange(plan, some + 1).start);
    }),
  );
});

test("the parts of a small plan add up", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 700 }), (size, wish) => {
      const plan = makePlan(size, { partSize: { min: 1, max: 10_000 }, parts: 10_000 }, wish);
      const sizes = Array.from({ length: plan.parts }, (_, index) => partSize(plan, index + 1));
      expect(sizes.reduce((sum, each) => sum + each, 0)).toBe(size);
      expect(sizes.slice(0, -1).every((each) => each === wish)).toBe(true);
    }),
  );
});

test.each([
  [10 * MiB, 10 * MiB, 1],
  [10 * MiB + 1, 10 * MiB, 2],
  [100_000 * MiB, 10 * MiB, 10_000],
  [100_000 * MiB + 1, 10 * MiB + 64 * 1024, 9938],
  [oss.partSize.max * oss.parts, oss.partSize.max, 10_000],
])("%i bytes go in parts of %i: %i of them", (size, part, parts) => {
  expect(makePlan(size, oss)).toEqual({ size, partSize: part, parts });
});

test("a wish is obeyed or refused, never bent", () => {
  expect(makePlan(50 * MiB, oss, 7 * MiB)).toEqual({ size: 50 * MiB, partSize: 7 * MiB, parts: 8 });
  const refusal = (wish: number, size = 50 * MiB) => expect(() => makePlan(size, oss, wish));
  refusal(102_399).toThrow(expect.objectContaining({ code: "invalid-options" }));
  refusal(5 * 1024 * MiB + 1).toThrow(expect.objectContaining({ code: "invalid-options" }));
  refusal(1.5 * MiB + 0.5).toThrow(expect.objectContaining({ code: "invalid-options" }));
  refusal(102_400, 1_024_000_001).toThrow(/10001 parts.*Use 102401 or more/);
});

test("what no plan can hold is too large", () => {
  expect(() => makePlan(oss.partSize.max * oss.parts + 1, oss)).toThrow(
    expect.objectContaining({ code: "too-large" }),
  );
});

test("a part that is not in the plan is a mistake of the caller", () => {
  const plan = makePlan(25 * MiB, oss);
  for (const number of [0, 4, 1.5, Number.NaN]) expect(() => partRange(plan, number)).toThrow(RangeError);
});
