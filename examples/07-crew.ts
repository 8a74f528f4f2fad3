import { createTransfers } from "@partwise/core";
import { fileSource } from "@partwise/core/node";
import { fsStore } from "@partwise/fs-store";
import { ossTransport } from "@partwise/oss-adapter";
import type { World } from "./00-run.js";

/** Every member runs the same: here two in one process, else one in each process or on each machine. */
export async function run(world: World) {
  return Promise.all([member(world), member(world)]);
}

async function member({ oss, file, directory }: World) {
  const transport = ossTransport(oss);
  const store = fsStore({ directory }); // processes of one machine; several machines need redisStore
  const transfers = createTransfers({ transport, store, concurrency: 2 });
  const request = { source: fileSource(file), key: "rushes/day-12.mov", partSize: 1024 * 1024 };
  try {
    return await transfers.upload({ ...request, crew: true });
  } finally {
    await store.close();
    await transport.close();
  }
}
