import { fakeClock } from "@partwise/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ProgressMeter } from "./progress.js";

test("acknowledged never falls and never passes the total, whatever happens", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("moved" as const), part: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ do: fc.constant("failed" as const), part: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ do: fc.constant("stored" as const), part: fc.integer({ min: 1, max: 5 }) }),
    fc.record({
      do: fc.constant("found" as const),
      part: fc.integer({ min: 1, max: 5 }),
      same: fc.boolean(),
    }),
    fc.record({ do: fc.constant("elsewhere" as const), part: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ do: fc.constant("restart" as const) }),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const meter = new ProgressMeter(fakeClock(), 50);
      const keys = [1, 2, 3, 4, 5].map((part) => Symbol(part));
      let before = 0;
      for (const each of steps) {
        if (each.do === "moved") meter.moved(keys[each.part - 1]!, 10);
        if (each.do === "failed") meter.failed(keys[each.part - 1]!);
        if (each.do === "stored") meter.stored(keys[each.part - 1]!, each.part, 10);
        if (each.do === "elsewhere") meter.storedElsewhere(each.part, 10);
        if (each.do === "restart") meter.restart();
        if (each.do === "found") {
          meter.found(10);
          meter.proven(each.part, 10, each.same);
        }
        const { acknowledged, inFlight, unproven } = meter.read();
        expect(acknowledged).toBeGreaterThanOrEqual(before);
        expect(acknowledged).toBeLessThanOrEqual(50);
        expect(Math.min(inFlight, unproven)).toBeGreaterThanOrEqual(0);
        before = acknowledged;
      }
    }),
  );
});

test("the rate is that of the last seconds, and gives the time left", async () => {
  const clock = fakeClock();
  const meter = new ProgressMeter(clock, 10_000);
  expect(meter.read()).toMatchObject({ bytesPerSecond: 0, eta: undefined });
  for (let part = 1; part <= 4; part++) {
    meter.stored(Symbol(part), part, 1_000);
    await clock.advance(1_000);
  }
  expect(meter.read()).toMatchObject({ acknowledged: 4_000, sent: 4_000, bytesPerSecond: 750, eta: 8_000 });
});

test("bytes of failed attempts and of parts sent twice are wasted", () => {
  const meter = new ProgressMeter(fakeClock(), 100);
  const key = Symbol("part");
  meter.moved(key, 7);
  meter.failed(key);
  meter.stored(key, 1, 10);
  meter.stored(Symbol("again"), 1, 10);
  expect(meter.read()).toMatchObject({ wasted: 17, acknowledged: 10, sent: 20 });
});
