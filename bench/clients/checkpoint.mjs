// Appends receipts to one journal and prints what that cost:
// { seconds, cpuSeconds, receipts, stored (bytes), milliseconds (until durable, median) }.
import { readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const config = JSON.parse(process.argv[2]);

const stored = (number) => ({
  type: "stored",
  epoch: 1,
  receipt: {
    number,
    size: 10_485_760,
    tag: "9BA2A9D4C8C23DC2D0618C4E11E1A300",
    checksum: { kind: "crc64ecma", value: "14466192859996458062" },
  },
  local: { kind: "crc64ecma", value: "14466192859996458062" },
  print: "c1b0a4f7d2e95a38",
});

/** Bytes of all files below a folder. */
function bytesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    return sum + (entry.isDirectory() ? bytesBelow(path) : statSync(path).size);
  }, 0);
}

const nothing = {
  open: async () => ({
    lease: async () => ({}),
    append: async () => {},
    read: async () => ({ entries: { length: config.count + 1 } }),
    drop: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }),
  close: async () => {},
};

async function openStore() {
  if (config.store === "none") return { store: nothing, size: () => 0, close() {} };
  if (config.store === "memory") {
    const { memoryStore } = await import("@partwise/core");
    return { store: memoryStore(), size: () => 0, close() {} };
  }
  if (config.store === "redis") {
    const { redisStore } = await import("@partwise/redis-store");
    const { Redis } = createRequire(import.meta.url)("ioredis");
    const client = new Redis(config.redis, "127.0.0.1");
    const used = async () => Number(/used_memory:(\d+)/.exec(await client.info("memory"))[1]);
    const before = await used();
    return {
      store: redisStore({ client, namespace: `bench-${process.pid}` }),
      size: async () => (await used()) - before,
      close: () => client.disconnect(),
    };
  }
  const { fsStore } = await import("@partwise/fs-store");
  const store = fsStore({
    directory: config.work,
    ...(config.store === "fs-gather" ? { gatherFor: 100 } : {}),
  });
  return { store, size: () => bytesBelow(config.work), close() {} };
}

try {
  const { store, size, close } = await openStore();
  const journal = await store.open("bench");
  const lease = await journal.lease("transfer", 3_600_000);
  // The first one prepares files, or the server's script; it is not counted.
  await journal.append([stored(0)], lease, { ordered: false });
  const before = await size();
  const waits = [];
  const appended = [];
  const append = async (number) => {
    const from = performance.now();
    await journal.append([stored(number)], lease, { ordered: false });
    waits.push(performance.now() - from);
  };
  const cpu = process.cpuUsage();
  const from = process.hrtime.bigint();
  for (let number = 1; number <= config.count; ) {
    for (let i = 0; i < 8 && number <= config.count; i++) appended.push(append(number++));
    await sleep(8);
  }
  await Promise.all(appended);
  const seconds = Number(process.hrtime.bigint() - from) / 1e9;
  const used = process.cpuUsage(cpu);
  const bytes = (await size()) - before;
  const kept = (await journal.read()).entries.length - 1;
  if (kept !== config.count) throw new Error(`${kept} of ${config.count} receipts are there`);
  await journal.drop(lease);
  await journal[Symbol.asyncDispose]();
  await store.close();
  close();
  console.log(
    JSON.stringify({
      seconds,
      cpuSeconds: (used.user + used.system) / 1e6,
      receipts: config.count,
      stored: bytes,
      milliseconds: waits.sort((a, b) => a - b)[waits.length >> 1],
    }),
  );
} catch (error) {
  console.log(JSON.stringify({ error: String(error?.message ?? error).slice(0, 300) }));
  process.exit(1);
}
