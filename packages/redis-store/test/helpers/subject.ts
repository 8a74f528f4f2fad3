import { randomUUID } from "node:crypto";
import type { CheckpointStore } from "@partwise/core/contract";
import type { StoreSubject } from "@partwise/testkit";
import { Cluster, type Redis } from "ioredis";
import { type RedisStoreOptions, redisStore } from "../../src/index.js";
import { journalKeys } from "../../src/keys.js";

/** Milliseconds that a test's store waits for an answer. */
export const commandTimeout = 1_000;

/** A namespace of a case's own, examined and harmed through a client of the test's own. */
export function subjectOn(
  admin: Redis | Cluster,
  options: RedisStoreOptions,
  more: Pick<StoreSubject, "outage" | "close"> = {},
): StoreSubject {
  const namespace = `t${randomUUID().slice(0, 8)}`;
  const stores: CheckpointStore[] = [];
  const keys = () => keysOf(admin, `{${namespace}:*`);
  return {
    ...more,
    pass: async (ms) => age(admin, await keys(), ms),
    async open() {
      const store = redisStore({ namespace, commandTimeout, ...options });
      stores.push(store);
      return store;
    },
    async forget() {
      for (const key of await keys()) await admin.del(key);
    },
    async tearTail(id) {
      const { entries } = journalKeys(namespace, id);
      const last = (await admin.lindex(entries, -1)) ?? "";
      await admin.lset(entries, -1, `{"torn":"${last}`);
    },
    async spoil(id) {
      await admin.set(journalKeys(namespace, id).entries, "somebody else's");
    },
    readAside: async (place) => (await admin.lrange(place, 0, -1)).map((each) => JSON.parse(each) as unknown),
    async close() {
      await Promise.all(stores.map((store) => store.close()));
      for (const key of await keys()) await admin.del(key);
      await more.close?.();
    },
  };
}

/** Makes all that is kept `ms` older, which is the same to the store as time that passed. */
async function age(admin: Redis | Cluster, keys: readonly string[], ms: number): Promise<void> {
  // Times are compared in whole milliseconds.
  await new Promise((resolve) => setTimeout(resolve, 2));
  for (const key of keys.filter((each) => each.endsWith("}:state"))) {
    for (const [field, value] of Object.entries(await admin.hgetall(key))) {
      const older = (time: string) => String(Number(time) - ms);
      if (field === "updated") await admin.hset(key, field, older(value));
      if (!field.startsWith("lease/")) continue;
      const [token = "", expires = "", ...rest] = value.split(" ");
      await admin.hset(key, field, [token, older(expires), ...rest].join(" "));
    }
  }
}

/** Keys like `glob` on all nodes. */
export async function keysOf(admin: Redis | Cluster, glob: string): Promise<string[]> {
  const nodes = admin instanceof Cluster ? admin.nodes("master") : [admin];
  return (await Promise.all(nodes.map((node) => node.keys(glob)))).flat();
}
