import { faultyStore, seededRandom } from "@partwise/testkit";
import { expect, test } from "vitest";
import { bytesOf, sameBytes } from "./helpers/data.js";
import { makeWorld, transfersOf, uploadOf } from "./helpers/world.js";

const data = bytesOf(20_500, 6);

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "a session that vanishes under a crew is replaced once, by one of them (%i)",
  async (seed) => {
    const world = makeWorld({ shared: true, seed });
    const { clock, remote } = world;
    const upload = uploadOf(world, data, { crew: true });
    const members = Array.from({ length: 3 }, () => upload(transfersOf(world)));
    const vanish = async () => {
      await clock.sleep(seededRandom(seed).below(300));
      for (const session of remote.sessions.values()) {
        session.state = "aborted";
        session.parts.clear();
      }
    };
    await clock.run(Promise.all([...members, vanish()]), { within: 60_000 });
    expect(sameBytes(remote.objects.get("k")?.bytes, data)).toBe(true);
    const done = (verb: string) => remote.applied.filter((each) => each.verb === verb).length;
    expect([done("openSession"), done("completeSession")]).toEqual([2, 1]);
    // The old one may hold parts that landed after its end; the new one is nobody's to abort.
    const aborted = remote.applied.filter((each) => each.verb === "abortSession");
    expect(aborted.every((each) => each.session === "session-1")).toBe(true);
  },
);

test.each([
  ["while they begin", 5],
  ["while they send", 60],
  ["when all is sent", 640],
])("the store goes away for 30 s %s, and every member resolves all the same", async (_, from) => {
  const world = makeWorld({ shared: true });
  const { clock, remote } = world;
  const began = clock.now();
  const isAway = () => clock.now() >= began + from && clock.now() < began + from + 30_000;
  const store = faultyStore(
    world.store,
    () => (isAway() ? { kind: "refuse" } : { kind: "delay", ms: 1 }),
    clock,
  );
  const upload = uploadOf(world, data, { crew: true });
  const members = Array.from({ length: 3 }, () =>
    upload(transfersOf(world, undefined, { store, leaseTtl: 60_000 })),
  );
  const results = await clock.run(Promise.all(members), { within: 300_000 });
  expect(clock.now() - began).toBeGreaterThan(30_000);
  expect(new Set(results.map((each) => each.tag)).size).toBe(1);
  expect(sameBytes(remote.objects.get("k")?.bytes, data)).toBe(true);
  expect(remote.applied.filter((each) => each.verb === "openSession")).toHaveLength(1);
  expect(world.events.some((event) => event.type === "store.back")).toBe(true);
});
