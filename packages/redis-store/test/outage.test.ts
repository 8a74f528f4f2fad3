import { redisStore } from "@partwise/redis-store";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OwnRedisServer, startRedis } from "./helpers/redis-server.js";

let server: OwnRedisServer;
let admin: Redis;
const commandTimeout = 400;

beforeAll(async () => {
  server = await startRedis();
  admin = new Redis(server.url, { retryStrategy: () => 20 });
  admin.on("error", () => {});
});

afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

/** A store of each kind, closed with what it stands on. */
const kinds = {
  async url() {
    const store = redisStore({ url: server.url, commandTimeout });
    return { store, close: () => store.close() };
  },
  async ioredis() {
    const client = new Redis(server.url, { retryStrategy: () => 20 });
    client.on("error", () => {});
    return { store: redisStore({ client, commandTimeout }), close: async () => client.disconnect() };
  },
  async "node-redis"() {
    const client = createClient({ url: server.url, socket: { reconnectStrategy: () => 20 } });
    client.on("error", () => {});
    await client.connect();
    return { store: redisStore({ client, commandTimeout }), close: async () => client.destroy() };
  },
};

describe.each(Object.entries(kinds))("by %s", (kind, make) => {
  const id = `of-${kind}`;

  it("goes on when the server has forgotten its scripts", async () => {
    const { store, close } = await make();
    const journal = await store.open(`scripts-${kind}`);
    const lease = await journal.lease("transfer", 60_000);
    for (let each = 0; each < 5; each++) {
      await journal.append([each], lease);
      await admin.script("FLUSH");
    }
    expect((await journal.read()).entries).toEqual([0, 1, 2, 3, 4]);
    await close();
  });

  it("never calls an append done that a server restarted empty does not have", async () => {
    const { store, close } = await make();
    const journal = await store.open(id);
    const lease = await journal.lease("transfer", 60_000);
    await journal.append(["before"], lease);

    const down = server.kill();
    const during = journal.append(["during"], lease, { ordered: false });
    await expect(during).rejects.toMatchObject({ code: "store-unavailable", retryable: true });
    await down;
    await expect(lease.renew()).rejects.toMatchObject({ code: "store-unavailable", outcome: "not-applied" });

    await server.start();
    await expect(journal.append(["after"], lease)).rejects.toMatchObject({ code: "lease-lost" });
    await expect(lease.renew()).rejects.toMatchObject({ code: "lease-lost" });
    expect((await journal.read()).entries).toEqual([]);
    const next = await journal.lease("transfer", 60_000);
    expect(next.token).not.toBe(lease.token);
    await journal.replace(["from memory"], next);
    expect((await journal.read()).entries).toEqual(["from memory"]);
    await journal.drop(next);
    await close();
  });

  it("says in time that a server does not answer, and does not double what is tried again", async () => {
    const { store, close } = await make();
    const journal = await store.open(id);
    const lease = await journal.lease("transfer", 60_000);
    await journal.append(["planned"], lease);

    const unanswered = { code: "store-unavailable", outcome: "unknown", retryable: true };
    server.pause();
    const before = performance.now();
    await Promise.all([
      expect(journal.append(["opened"], lease)).rejects.toMatchObject(unanswered),
      expect(journal.lease("member/a", 60_000)).rejects.toMatchObject(unanswered),
      expect(journal.read()).rejects.toMatchObject({ code: "store-unavailable", outcome: "not-applied" }),
    ]);
    expect(performance.now() - before).toBeLessThan(commandTimeout * 4);
    server.resume();

    // Both were carried out when the server woke up, for nobody knew that they were given up.
    await journal.append(["opened"], lease);
    expect((await journal.read()).entries).toEqual(["planned", "opened"]);
    await (await journal.lease("member/a", 60_000)).renew();

    server.pause();
    await expect(journal.drop(lease)).rejects.toMatchObject(unanswered);
    server.resume();
    await journal.drop(lease);
    await expect(journal.drop(lease)).rejects.toMatchObject({ code: "lease-lost" });
    await close();
  });
});

it("repeats a setting aside whose answer was lost under the same name, and a later one under another", async () => {
  const { store, close } = await kinds.url();
  const journal = await store.open("aside");
  const lease = await journal.lease("transfer", 60_000);
  await journal.append(["old"], lease);
  server.pause();
  await expect(journal.setAside(lease)).rejects.toMatchObject({ outcome: "unknown" });
  server.resume();
  const place = await journal.setAside(lease);
  expect(await admin.lrange(place, 0, -1)).toEqual(['"old"']);
  await journal.append(["new"], lease);
  const other = await journal.setAside(lease);
  expect(await admin.lrange(other, 0, -1)).toEqual(['"new"']);
  expect(other).not.toBe(place);
  await close();
});

it("sends nothing late: what found no connection is not queued", async () => {
  const client = new Redis(server.url, { retryStrategy: () => 20 });
  client.on("error", () => {});
  const store = redisStore({ client, commandTimeout: 60 });
  const journal = await store.open("late");
  const lease = await journal.lease("transfer", 60_000);
  const closed = new Promise((resolve) => client.once("close", resolve));
  await server.kill();
  await closed;
  const leases = Array.from({ length: 30 }, (_, index) => ({ ...lease, token: `other-${index}` }));
  const many = Promise.allSettled(leases.map((each) => journal.append([1], each, { ordered: false })));
  await new Promise((resolve) => setImmediate(resolve));
  // Thirty wait; the client carries one listener for them, beside its own.
  expect(client.listenerCount("ready")).toBeLessThan(5);
  expect((await many).map(({ status }) => status)).toEqual(leases.map(() => "rejected"));
  for (let each = 0; each < 3; each++) {
    await expect(journal.append([each], lease, { ordered: false })).rejects.toMatchObject({
      code: "store-unavailable",
    });
  }
  await server.start();
  await expect(journal.append([4], lease)).rejects.toMatchObject({ code: "lease-lost" });
  expect((await journal.read()).entries).toEqual([]);
  client.disconnect();
});

it("makes one clear error of a server that was never there, quickly", async () => {
  const gone = await startRedis();
  await gone.stop();
  const store = redisStore({ url: `redis://me:s3cret@127.0.0.1:${gone.port}/2`, commandTimeout });
  expect(store.name).toBe(`redis:127.0.0.1:${gone.port}/2#partwise`);
  const error = await (await store.open("a")).read().catch((reason: Error) => reason);
  expect(error).toMatchObject({ code: "store-unavailable", outcome: "not-applied", retryable: true });
  expect((error as Error).message).toContain("ECONNREFUSED");
  expect(JSON.stringify([error, String(error), (error as Error).cause])).not.toContain("s3cret");
  await store.close();
});
