import { redisStore } from "@partwise/redis-store";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fromIoredis, type RedisConnection } from "../src/index.js";
import { startRedis } from "./helpers/redis-server.js";
import { keysOf } from "./helpers/subject.js";

const server = await startRedis();
const admin = new Redis(server.url);

beforeAll(() => admin.flushall());
afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

/** A connection over which some commands travel twice, or are delivered by hand. */
function around(
  send: (command: readonly string[], pass: () => Promise<unknown>) => Promise<unknown>,
): RedisConnection {
  const inner = fromIoredis(admin);
  return { ...inner, send: (key, command) => send(command, () => inner.send(key, command)) };
}

it("writes and reads 10,000 receipts at once, all or nothing, in a time that nobody notices", async () => {
  const store = redisStore({ client: admin, namespace: "many" });
  const journal = await store.open("a");
  const lease = await journal.lease("transfer", 60_000);
  const receipts = numbers(10_000).map((number) => ({
    type: "stored",
    receipt: { number, tag: "T".repeat(32) },
  }));
  await journal.replace(receipts, lease);
  const before = performance.now();
  const { entries, position } = await journal.read();
  expect(performance.now() - before).toBeLessThan(1_000);
  expect(entries).toEqual(receipts);
  await journal.append(receipts.slice(0, 3_000), lease);
  expect((await journal.read(position)).entries).toEqual(receipts.slice(0, 3_000));
  expect(await keysOf(admin, "*staged*")).toEqual([]);

  await lease.release();
  await expect(journal.replace(receipts.slice(0, 2_000), lease)).rejects.toMatchObject({
    code: "lease-lost",
  });
  expect((await journal.read()).entries.length).toBe(13_000);
});

it("counts an ordered write once when the library sends it twice, and unordered ones at most twice", async () => {
  const client = around(async (_, pass) => {
    await pass();
    return pass();
  });
  const journal = await redisStore({ client, namespace: "twice" }).open("a");
  const lease = await journal.lease("transfer", 60_000);
  await journal.append([1], lease);
  await journal.append([2, 3], lease);
  await journal.append(["receipt"], lease, { ordered: false });
  await journal.append(numbers(1_200), lease).catch(() => {});
  const { entries } = await journal.read();
  expect(entries.slice(0, 3)).toEqual([1, 2, 3]);
  expect(entries.slice(3)).toEqual(["receipt", "receipt"]);
  await lease.renew();
  await lease.release();
});

it("passes over an ordered write that arrives after its successor", async () => {
  const late: (() => Promise<unknown>)[] = [];
  let hold = false;
  const client = around((_, pass) => {
    if (!hold) return pass();
    late.push(pass);
    return new Promise(() => {});
  });
  const journal = await redisStore({ client, namespace: "late", commandTimeout: 60 }).open("a");
  const lease = await journal.lease("transfer", 60_000);
  await journal.append(["planned"], lease);
  hold = true;
  await expect(journal.append(["opened 1"], lease)).rejects.toMatchObject({ outcome: "unknown" });
  hold = false;
  await journal.append(["opened 2"], lease);
  for (const pass of late) await pass().catch(() => {});
  expect(late.length).toBe(1);
  expect((await journal.read()).entries).toEqual(["planned", "opened 2"]);
});

it("sends a follower to the start when a failover has given the journal another ending", async () => {
  const store = redisStore({ client: admin, namespace: "failover" });
  const journal = await store.open("a");
  const lease = await journal.lease("transfer", 60_000);
  await journal.append([1, 2, 3], lease);
  const { position } = await journal.read();
  // The new primary had not seen the third entry; others were written since.
  await admin.rpop("{failover:a}:entries");
  await journal.append(["3, anew", 4], lease);
  const page = await journal.read(position);
  expect([page.fromStart, page.entries]).toEqual([true, [1, 2, "3, anew", 4]]);
  await admin.rpop("{failover:a}:entries", 3);
  expect(await journal.read(page.position)).toMatchObject({ fromStart: true, entries: [1] });
  expect(await journal.read("not a position")).toMatchObject({ fromStart: true, entries: [1] });
});

it("passes over damaged records, and reports a journal in which there is nothing else", async () => {
  const store = redisStore({ client: admin, namespace: "damage" });
  const journal = await store.open("a");
  const lease = await journal.lease("transfer", 60_000);
  await journal.append([1, 2, 3], lease);
  await admin.lset("{damage:a}:entries", 1, "{");
  expect((await journal.read()).entries).toEqual([1, 3]);
  for (const index of [0, 2]) await admin.lset("{damage:a}:entries", index, "\u0001");
  await expect(journal.read()).rejects.toMatchObject({ code: "checkpoint-unreadable", details: { id: "a" } });

  await admin.set("{damage:b}:state", "somebody else's");
  const other = await store.open("b");
  await expect(other.lease("transfer", 60_000)).rejects.toMatchObject({ code: "checkpoint-unreadable" });
  expect(await admin.get("{damage:b}:state")).toBe("somebody else's");
});

it("lists a journal that was dropped and begun anew while a listing was about to forget it", async () => {
  const store = redisStore({ client: admin, namespace: "churn" });
  const write = async () => {
    const journal = await store.open("a");
    const lease = await journal.lease("transfer", 60_000);
    await journal.append([1], lease);
    return () => journal.drop(lease);
  };
  const drop = await write();
  let scanned = false;
  let described = false;
  const client = around(async (command, pass) => {
    const reply = await pass();
    if (command[0] === "ZSCAN" && !scanned) {
      scanned = true;
      await drop();
    } else if (scanned && !described && command.includes("{churn:a}:entries")) {
      // It was just seen to be gone; now it is back, before the listing can say so to the catalog.
      described = true;
      await write();
    }
    return reply;
  });
  const ids = async (from: typeof store) => {
    const found: string[] = [];
    for await (const { id } of from.list()) found.push(id);
    return found;
  };
  expect(await ids(redisStore({ client, namespace: "churn" }))).toEqual([]);
  expect(described).toBe(true);
  expect(await ids(store)).toEqual(["a"]);
});
