import { redisStore } from "@partwise/redis-store";
import { Redis } from "ioredis";
import { expect, it } from "vitest";
import { startRedis, startSentinel } from "./helpers/redis-server.js";

it("goes on after a failover: what waited for the replica is there, and no token comes twice", async () => {
  const primary = await startRedis();
  const replica = await startRedis(["--replicaof", primary.host, String(primary.port)]);
  const client = new Redis(primary.port);
  // A sentinel learns of replicas from the primary.
  while (!/state=online/.test(await client.info("replication"))) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  client.disconnect();
  const sentinel = await startSentinel(primary);
  const through = new Redis({
    sentinels: [{ host: sentinel.host, port: sentinel.port }],
    name: "main",
    sentinelRetryStrategy: () => 50,
    retryStrategy: () => 50,
    maxRetriesPerRequest: null,
  });
  through.on("error", () => {});
  const store = redisStore({
    client: through,
    wait: { replicas: 1, timeout: 5_000 },
    commandTimeout: 20_000,
  });
  const journal = await store.open("a");
  const lease = await journal.lease("transfer", 600_000);
  await journal.append(["planned", "opened"], lease);

  await primary.kill();
  // The new primary has no replica; receipts do not wait for one.
  await journal.append(["receipt"], lease, { ordered: false });
  expect((await journal.read()).entries).toEqual(["planned", "opened", "receipt"]);
  await lease.release();
  expect((await journal.lease("transfer", 60_000)).token).not.toBe(lease.token);
  expect((await through.role())[0]).toBe("master");
  expect(through.options.port).not.toBe(primary.port);

  through.disconnect();
  for (const server of [sentinel, replica, primary]) await server.stop();
});
