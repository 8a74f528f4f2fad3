import { describe, expect, it } from "vitest";
import { fakeClock } from "./fake-clock.js";

describe("fakeClock", () => {
  it("lets an hour of backoff pass at once", async () => {
    const clock = fakeClock({ start: 5 });
    await clock.run(async () => {
      for (let wait = 0; wait < 180; wait++) await clock.sleep(20_000);
    });
    expect(clock.now()).toBe(5 + 3_600_000);
  });

  it("wakes sleepers in the order of their times, and of their coming", async () => {
    const clock = fakeClock();
    const woken: string[] = [];
    const nap = async (name: string, ms: number) => {
      await clock.sleep(ms);
      woken.push(name);
    };
    const naps = [nap("late", 30), nap("first", 10), nap("second", 10), nap("now", 0)];
    await clock.advance(29);
    expect(woken).toEqual(["now", "first", "second"]);
    await clock.advance(1);
    expect(woken).toEqual(["now", "first", "second", "late"]);
    await Promise.all(naps);
  });

  it("lets each sleeper run as far as it can before the next wakes, digests included", async () => {
    const history = async () => {
      const clock = fakeClock({ seed: 7 });
      const log: string[] = [];
      const worker = async (name: string) => {
        for (let turn = 0; turn < 20; turn++) {
          await clock.sleep(Math.floor(clock.random() * 50));
          const before = clock.now();
          await crypto.subtle.digest("SHA-256", new Uint8Array(64 * 1024));
          log.push(`${name} ${turn} at ${clock.now()}, digest took ${clock.now() - before}`);
        }
      };
      await clock.run(Promise.all([worker("a"), worker("b"), worker("c")]));
      return log;
    };
    const first = await history();
    expect(first.every((line) => line.endsWith("took 0"))).toBe(true);
    expect(await history()).toEqual(first);
  });

  it("ends a sleep with the signal's reason, before and during it", async () => {
    const clock = fakeClock();
    const reason = new Error("enough");
    await expect(clock.sleep(10, AbortSignal.abort(reason))).rejects.toBe(reason);
    const stop = new AbortController();
    const nap = clock.sleep(10, stop.signal);
    stop.abort(reason);
    await expect(nap).rejects.toBe(reason);
    expect(clock.sleepers).toBe(0);
  });

  it("tells a deadlock, and a transfer that never ends", async () => {
    const clock = fakeClock();
    await expect(clock.run(new Promise(() => {}))).rejects.toThrow("nobody sleeps");
    const forever = async () => {
      for (;;) await clock.sleep(1_000);
    };
    await expect(clock.run(forever, { within: 60_000 })).rejects.toThrow("within 60000 ms");
  });

  it("passes on the work's own failure", async () => {
    const clock = fakeClock();
    await expect(
      clock.run(async () => {
        await clock.sleep(5);
        throw new Error("its own");
      }),
    ).rejects.toThrow("its own");
  });

  it("jumps and skews the wall clock without waking anybody", async () => {
    const clock = fakeClock({ start: 0 });
    const other = clock.skewed(500);
    let awake = false;
    const nap = clock.sleep(100).then(() => {
      awake = true;
    });
    clock.jump(3_600_000);
    await clock.settle();
    expect([clock.now(), other.now(), awake]).toEqual([3_600_000, 3_600_500, false]);
    await clock.run(nap);
    expect(clock.now()).toBe(3_600_100);
  });
});
