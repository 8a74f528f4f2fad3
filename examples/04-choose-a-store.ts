import { createTransfers, memoryStore } from "@partwise/core";
import { fileSource } from "@partwise/core/node";
import { fsStore } from "@partwise/fs-store";
import { ossTransport } from "@partwise/oss-adapter";
import { redisStore } from "@partwise/redis-store";
import type { World } from "./00-run.js";

/** The store decides who can go on: any machine (Redis), any process of this machine (directory), or only this one. */
export async function run({ oss, file, print }: World, { REDIS_URL, PARTWISE_STORE } = process.env) {
  const transport = ossTransport(oss);
  const store = REDIS_URL
    ? redisStore({ url: REDIS_URL })
    : PARTWISE_STORE
      ? fsStore({ directory: PARTWISE_STORE })
      : memoryStore();
  print(`${store.name}: reach ${store.reach}, durability ${store.durability}`);
  const transfers = createTransfers({ transport, store });
  const result = await transfers.upload({ source: fileSource(file), key: "rushes/day-12.mov" });
  await store.close();
  await transport.close();
  return result;
}
