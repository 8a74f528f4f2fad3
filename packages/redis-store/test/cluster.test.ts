import { redisStore } from "@partwise/redis-store";
import { describeStore } from "@partwise/testkit/vitest";
import { Cluster } from "ioredis";
import { createCluster } from "redis";
import { afterAll, expect, it } from "vitest";
import { startCluster } from "./helpers/redis-cluster.js";
import { keysOf, subjectOn } from "./helpers/subject.js";

const cluster = await startCluster();
const startupNodes = cluster.nodes.map(({ host, port }) => ({ host, port }));
const ioredis = new Cluster(startupNodes);
const nodeRedis = createCluster({ rootNodes: cluster.nodes.map(({ url }) => ({ url })) });
nodeRedis.on("error", () => {});
await nodeRedis.connect();

afterAll(async () => {
  ioredis.disconnect();
  nodeRedis.destroy();
  await cluster.stop();
});

// Without outages: a client learns the nodes' own addresses, so nothing can be put between that could be cut.
describeStore("redis store on an ioredis cluster", () => subjectOn(ioredis, { client: ioredis }), {
  concurrent: true,
});
describeStore("redis store on a node-redis cluster", () => subjectOn(ioredis, { client: nodeRedis }), {
  concurrent: true,
});

it("keeps all keys of one transfer in one slot, transfers in many, and lists across all nodes", async () => {
  for (const [namespace, client] of [
    ["slots-a", ioredis],
    ["slots-b", nodeRedis],
  ] as const) {
    const store = redisStore({ client, namespace });
    expect(store.name).toMatch(/^redis:cluster 127\.0\.0\.1:\d+#slots-[ab]$/);
    const ids = Array.from({ length: 12 }, (_, index) => `transfer-${index}`);
    for (const id of ids) {
      const journal = await store.open(id);
      const lease = await journal.lease("transfer", 60_000);
      await journal.append(["old"], lease);
      await journal.setAside(lease);
      await journal.append(["new"], lease);
      const keys = await keysOf(ioredis, `{${namespace}:${id}}*`);
      expect(keys.length).toBe(3);
      const slots = await Promise.all(keys.map((key) => ioredis.cluster("KEYSLOT", key)));
      expect(new Set(slots).size).toBe(1);
      await lease.release();
    }
    const owners = await Promise.all(
      ioredis
        .nodes("master")
        .map(async (node) => (await node.keys(`{${namespace}:transfer-*}:entries`)).length),
    );
    expect(Math.min(...owners)).toBeGreaterThan(0);

    // The catalog is only a copy: lost, it is made again from the keys of every node.
    await ioredis.del(`{${namespace}:}:catalog`);
    const listed: string[] = [];
    for await (const { id } of store.list()) listed.push(id);
    expect(listed.sort()).toEqual([...ids].sort());
    expect([...(await store.prune({ olderThan: 0 }))].sort()).toEqual([...ids].sort());
  }
});
