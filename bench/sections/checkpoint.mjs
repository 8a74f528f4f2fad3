// What remembering one part costs, by store, and whether it grows with the parts already remembered.
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { drive } from "../lib/exec.mjs";
import { cache } from "../lib/paths.mjs";
import { startRedis } from "../lib/redis.mjs";
import { summary } from "../lib/stats.mjs";
import { absence, spread, table } from "../lib/tables.mjs";

const stores = [
  ["none", "nothing: what the measuring itself costs"],
  ["memory", "memory store"],
  ["fs", "fs-store, as it comes: one fsync for what came during the last"],
  ["fs-gather", "fs-store, `gatherFor: 100`: one fsync each 100 ms"],
  ["redis", "redis-store over ioredis, no AOF"],
];

export const sections = [
  {
    name: "checkpoint",
    title: "Checkpoint cost per receipt",
    about:
      "Eight receipts come every eight milliseconds, as from a link of 10 GB/s with 10 MiB parts: ten times more often than is usual. " +
      "The first rows append to nothing; take them off the others. " +
      "Bytes are what the store holds afterwards (files; memory of the Redis server).",
    async run(context) {
      const redis = await startRedis(context.folder);
      const cases = [];
      try {
        for (let round = 0; round < context.rounds; round++) {
          let i = 0;
          for (const [store, label] of stores) {
            for (const count of [100, 10_000]) {
              const found = cases[i] ?? {
                id: `${store}:${count}`,
                client: "partwise",
                label: `${label}, ${count.toLocaleString("en")} parts`,
                runs: [],
              };
              cases[i++] = found;
              if (store === "redis" && !redis) found.missing = "no redis-server on this machine";
              if (context.clients.partwise.missing) found.missing = context.clients.partwise.missing;
              if (found.missing) continue;
              const work = mkdtempSync(join(context.folder, "journal-"));
              const config = { store, count, work, cache, redis: redis?.port };
              const script = join(cache, "partwise/checkpoint.mjs");
              const run = await drive(process.execPath, [script, JSON.stringify(config)], {
                timeout: 120_000,
              });
              rmSync(work, { recursive: true, force: true });
              found.runs.push(run);
              context.say(`round ${round + 1}/${context.rounds} ${found.id}: ${JSON.stringify(run)}`);
            }
          }
        }
      } finally {
        await redis?.stop();
      }
      return { cases };
    },
    render({ cases }) {
      return table(
        ["store", "CPU µs per receipt", "ms until durable", "bytes per receipt"],
        cases.map((one) =>
          absence(one)
            ? [one.label, absence(one), "", ""]
            : [
                one.label,
                spread(
                  summary(one, (run) => (run.cpuSeconds / run.receipts) * 1e6),
                  1,
                ),
                spread(
                  summary(one, (run) => run.milliseconds),
                  1,
                ),
                spread(
                  summary(one, (run) => run.stored / run.receipts),
                  0,
                ),
              ],
        ),
      );
    },
  },
];
