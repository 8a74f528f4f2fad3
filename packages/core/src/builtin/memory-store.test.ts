import { describe, expect, it } from "vitest";
import type { Clock } from "../contracts/clock.js";
import { memoryStore } from "./memory-store.js";

/** A clock moved by hand. */
function handClock() {
  const hand = { time: 1_000_000 };
  const clock: Clock = { now: () => hand.time, sleep: async () => {}, random: () => 0.5 };
  return { hand, clock };
}

describe("memoryStore", () => {
  it("shows one journal through every handle, as copies that nobody can change", async () => {
    const store = memoryStore();
    const [one, other] = [await store.open("a"), await store.open("a")];
    const lease = await one.lease("transfer", 5_000);
    const entry = { type: "x", inner: { list: [1] } };
    await one.append([entry], lease);
    entry.inner.list.push(2);
    const { entries } = await other.read();
    expect(entries).toEqual([{ type: "x", inner: { list: [1] } }]);
    expect(() => (entries[0] as typeof entry).inner.list.push(3)).toThrow(TypeError);
  });

  it("ends a lease at the very millisecond of its expiry", async () => {
    const { hand, clock } = handClock();
    const journal = await memoryStore({ clock }).open("a");
    const lease = await journal.lease("transfer", 1_000, "me");
    hand.time += 999;
    await journal.append([1], lease);
    expect(await journal.leases("")).toEqual([
      { name: "transfer", holder: "me", expiresAt: 1_001_000, expiresIn: 1 },
    ]);
    hand.time += 1;
    expect(await journal.leases("")).toEqual([]);
    await expect(journal.append([2], lease)).rejects.toMatchObject({ code: "lease-lost" });
    await expect(lease.renew()).rejects.toMatchObject({
      code: "lease-lost",
      details: { lease: "transfer" },
    });
  });

  it("gives tokens apart even when chance repeats itself", async () => {
    const { clock } = handClock();
    const journal = await memoryStore({ clock }).open("a");
    const first = await journal.lease("transfer", 1_000);
    await journal.drop(first);
    const second = await journal.lease("transfer", 1_000);
    expect(second.token).not.toBe(first.token);
  });

  it("refuses a lease of another journal", async () => {
    const store = memoryStore();
    const [a, b] = [await store.open("a"), await store.open("b")];
    const foreign = await b.lease("transfer", 1_000);
    await a.lease("transfer", 1_000);
    await expect(a.append([1], foreign)).rejects.toMatchObject({ code: "lease-lost" });
  });

  it("keeps what was set aside where it said", async () => {
    const store = memoryStore({ name: "here" });
    const journal = await store.open("a");
    const lease = await journal.lease("transfer", 1_000);
    await journal.append(["damaged"], lease);
    const place = await journal.setAside(lease);
    expect(place).toMatch(/^here:a\./);
    expect(store.asides.get(place)).toEqual(["damaged"]);
    expect(await journal.read()).toMatchObject({ entries: [] });
  });

  it("holds nothing of a journal that was only looked at", async () => {
    const store = memoryStore();
    const journal = await store.open("a");
    const lease = await journal.lease("transfer", 1_000);
    await lease.release();
    await lease.release();
    const listed = [];
    for await (const each of store.list()) listed.push(each);
    expect(listed).toEqual([]);
    expect(await store.prune({ olderThan: 0 })).toEqual([]);
  });

  it("says what is wrong with a bad id, ttl or age", async () => {
    const store = memoryStore();
    await expect(store.open("../a")).rejects.toThrow("is no journal id");
    await expect((await store.open("a")).lease("transfer", 999)).rejects.toThrow("1000 to 3600000");
    await expect(store.prune({ olderThan: Number.NaN })).rejects.toThrow("0 or more");
  });
});
