import { Redis } from "ioredis";
import { type OwnRedisServer, startRedis } from "./redis-server.js";

/** A cluster of three primaries. */
export interface RedisCluster {
  readonly nodes: readonly OwnRedisServer[];
  stop(): Promise<void>;
}

const slots = 16_384;

export async function startCluster(options: readonly string[] = []): Promise<RedisCluster> {
  const nodes = await Promise.all(
    [1, 2, 3].map(() =>
      startRedis(["--cluster-enabled", "yes", "--cluster-node-timeout", "5000", ...options]),
    ),
  );
  const clients = nodes.map(({ port }) => new Redis(port, "127.0.0.1"));
  try {
    for (const [index, client] of clients.entries()) {
      const [from, to] = [index, index + 1].map((third) => Math.ceil((slots * third) / 3)) as [
        number,
        number,
      ];
      await client.cluster("ADDSLOTS", ...Array.from({ length: to - from }, (_, slot) => from + slot));
      await client.call("CLUSTER", "SET-CONFIG-EPOCH", String(index + 1));
    }
    for (const { port } of nodes.slice(1)) await clients[0]?.cluster("MEET", "127.0.0.1", port);
    await Promise.all(clients.map(untilWhole));
  } catch (error) {
    await Promise.all(nodes.map((node) => node.stop()));
    throw error;
  } finally {
    for (const client of clients) client.disconnect();
  }
  return {
    nodes,
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
  };
}

/** Nodes tell each other of themselves in their own time; there is no event for it. */
async function untilWhole(client: Redis): Promise<void> {
  const end = Date.now() + 20_000;
  for (;;) {
    const info = String(await client.cluster("INFO"));
    if (info.includes("cluster_state:ok") && info.includes("cluster_known_nodes:3")) return;
    if (Date.now() > end) throw new Error(`the cluster did not come together: ${info}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
