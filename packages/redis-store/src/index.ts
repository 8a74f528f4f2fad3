/** Partwise journals in Redis. */

export type { ClientEvents, RedisConnection, RedisNode } from "./connection/connection.js";
export { fromIoredis, type IoredisClient } from "./connection/ioredis.js";
export { fromNodeRedis, type NodeRedisClient, type NodeRedisCluster } from "./connection/node-redis.js";
export type { RedisClient } from "./connection/recognise.js";
export type { RedisStoreOptions } from "./options.js";
export { redisStore } from "./redis-store.js";
