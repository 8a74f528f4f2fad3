import type { Clock, Transport } from "@partwise/core/contract";
import { expect, it } from "vitest";
import { memoryStore } from "../../core/src/builtin/memory-store.js";
import { bodyOf, randomBytes } from "../src/cases/transport/bodies.js";
import { fakeClock } from "../src/clock/fake-clock.js";
import { beginLife, type Life } from "../src/crash/crash-points.js";
import { modelRemote } from "../src/model/remote.js";

function world() {
  const clock = fakeClock();
  return { clock, remote: modelRemote({ clock }), store: memoryStore({ clock }) };
}

/** A small job with three effects at the remote and three in the store; it sleeps between, and cleans up at the end. */
async function job(life: Life, { clock, remote, store }: ReturnType<typeof world>): Promise<string> {
  const transport: Transport = life.transport(remote.transport());
  const time: Clock = life.clock(clock);
  const call = { signal: new AbortController().signal };
  const journal = await life.store(store).open("job");
  const lease = await journal.lease("transfer", 60_000);
  try {
    const { session } = await transport.openSession({ key: "k" }, call);
    await time.sleep(10);
    await journal.append([session.id], lease);
    const body = bodyOf(randomBytes(100));
    const { receipt } = await transport.putPart({ session, number: 1, body }, call);
    const object = await transport.completeSession({ session, parts: [receipt] }, call);
    return object.tag;
  } finally {
    await lease.release();
  }
}

const effects = [
  "store.lease transfer",
  "transport.openSession",
  "store.append transfer",
  "transport.putPart 1",
  "transport.completeSession",
  "store.release transfer",
];

/** How much of the job the world shows. */
async function traces({ clock, remote, store }: ReturnType<typeof world>): Promise<number> {
  const journal = await store.open("job");
  const { length } = (await journal.read()).entries;
  const held = (await journal.leases("")).length;
  const done = remote.applied.length + length;
  await clock.settle();
  return done + (held > 0 || done > 0 ? 1 : 0) + (held === 0 && done > 0 ? 1 : 0);
}

it("counts the effects of a life, by name and in order", async () => {
  const earth = world();
  const life = beginLife();
  const end = await earth.clock.run(life.until(job(life, earth)));
  expect(end.died).toBe(false);
  expect(life.effects.map(({ name }) => name)).toEqual(effects);
  expect(await traces(earth)).toBe(effects.length);
});

it("dies before and after each effect, and leaves exactly what had happened by then", async () => {
  for (const side of ["before", "after"] as const) {
    for (let at = 1; at <= effects.length; at++) {
      const earth = world();
      const life = beginLife({ at, side });
      const end = await earth.clock.run(life.until(job(life, earth)));
      expect(end).toEqual({ died: true, at: { number: at, name: effects[at - 1] }, side });
      await earth.clock.advance(30_000);
      expect(await traces(earth), `${side} ${at}`).toBe(side === "before" ? at - 1 : at);
      expect(life.effects).toHaveLength(at);
    }
  }
});

it("breaks off what the dead process was still sending", async () => {
  const { remote } = world();
  const life = beginLife({ at: 3, side: "after" });
  const transport = life.transport(remote.transport());
  const call = { signal: new AbortController().signal };
  const { session } = await transport.openSession({ key: "k" }, call);
  const body = bodyOf(randomBytes(200_000), { stallAfter: 100_000 });
  const sending = transport.putPart({ session, number: 1, body }, call);
  await body.reached;
  const end = await life.until(Promise.all([sending, life.effect("rename", () => {})]));
  expect(end).toMatchObject({ died: true, at: { name: "rename" } });
  await fakeClock().settle();
  expect([body.unfreed, remote.writesOf(session.id, 1)]).toEqual([0, 0]);
});

it("does not hide a failure of the living, and dies with an effect that fails", async () => {
  const fail = () => Promise.reject(new Error("disk full"));
  const living = beginLife();
  await expect(living.until(living.effect("write", fail))).rejects.toThrow("disk full");
  const dying = beginLife({ at: 1, side: "after" });
  expect(await dying.until(dying.effect("write", fail))).toMatchObject({ died: true });
});

it("lets nothing of the dead wake", async () => {
  const { clock } = world();
  const life = beginLife({ at: 1, side: "before" });
  let woke = false;
  const timer = life
    .clock(clock)
    .sleep(10)
    .finally(() => {
      woke = true;
    });
  await life.until(Promise.race([timer, life.effect("write", () => {})]));
  await clock.advance(1_000);
  expect(woke).toBe(false);
});
