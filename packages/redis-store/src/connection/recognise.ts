import { TransferError } from "@partwise/core/contract";
import type { RedisConnection } from "./connection.js";
import { fromIoredis, type IoredisClient } from "./ioredis.js";
import { fromNodeRedis, type NodeRedisClient, type NodeRedisCluster } from "./node-redis.js";

/** A client that the store knows how to use. */
export type RedisClient = IoredisClient | NodeRedisClient | NodeRedisCluster | RedisConnection;

/** Tells the libraries apart by what each alone declares. */
export function recognise(client: unknown): RedisConnection {
  const found = (typeof client === "object" && client !== null ? client : {}) as Record<string, unknown>;
  const has = (...names: string[]) => names.every((name) => typeof found[name] === "function");
  if (has("ready", "send", "together", "primaries")) return client as RedisConnection;
  if (has("call", "pipeline") && typeof found.status === "string")
    return fromIoredis(client as IoredisClient);
  if (has("sendCommand", "nodeClient")) return fromNodeRedis(client as NodeRedisCluster);
  // A node-redis sentinel has sendCommand too, with other arguments.
  if (has("sendCommand", "on") && typeof found.isOpen === "boolean" && !has("getSentinelNode")) {
    return fromNodeRedis(client as NodeRedisClient);
  }
  throw new TransferError(
    "invalid-options",
    "redisStore: `client` is neither a client of ioredis (Redis, Cluster) nor one of node-redis (client, pool, cluster). Give one of those, or a RedisConnection made for your library; for Sentinel use ioredis.",
  );
}
