// Killed with SIGKILL half-way, started again with the same command: what is sent twice, and how soon bytes flow again.
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { commandOf } from "../lib/clients.mjs";
import { lineOf, start } from "../lib/exec.mjs";
import { fileOf } from "../lib/files.mjs";
import { GiB, KiB, MiB } from "../lib/paths.mjs";
import { configOf, interleave } from "../lib/rounds.mjs";
import { startSink } from "../lib/sink.mjs";
import { failures, summary } from "../lib/stats.mjs";
import { absence, spread, table } from "../lib/tables.mjs";

/** Runs a driver, kills it once `killAt` parts are at the sink, runs it again to the end. */
async function killed(context, sink, { client, config, killAt }) {
  const state = mkdtempSync(join(context.folder, "state-"));
  const [command, args] = commandOf(client, configOf(context, sink, { ...config, state, work: state }));
  try {
    await sink.reset();
    const first = start(command, args, { timeout: 240_000, env: sink.env });
    let over = false;
    first.ended.then(() => {
      over = true;
    });
    while (!over && (await sink.stats()).parts < killAt) await sleep(2);
    first.kill("SIGKILL");
    const end = await first.ended;
    if (end.signal !== "SIGKILL")
      return lineOf(end).error ? lineOf(end) : { error: "ended before it was killed" };
    const stored = (await sink.stats()).parts;
    await sink.reset();
    const spawned = Date.now();
    const second = lineOf(await start(command, args, { timeout: 240_000, env: sink.env }).ended);
    if (second.error) return second;
    const after = await sink.stats();
    return {
      ...second,
      stored,
      sentAgain: after.body_bytes - (config.size - stored * config.partSize),
      partsAgain: after.parts_again,
      listings: after.lists,
      firstByte: after.first_part_ms - second.startedAt,
      sinceSpawn: after.first_part_ms - spawned,
    };
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

const shown = (run) =>
  run.error
    ? `failed: ${run.error}`
    : `killed at ${run.stored} parts, ${(run.sentAgain / MiB).toFixed(1)} MiB again, first new byte after ${run.firstByte} ms`;

function resume(name, title, partSize, parts) {
  return {
    name,
    title,
    about:
      "Killed with SIGKILL when half of the parts are at the remote; four at once. " +
      "“Sent again” is what the second run sent beyond what the remote lacked when the first was dead (parts cut off in the middle are lacking, so they do not count). " +
      "“First new byte” counts from the second call, without the start of its process. Our default proves the old parts against the file while new ones go out; `fingerprint` believes receipts. No peer compares bytes.",
    async run(context) {
      const count = context.quick ? parts / 4 : parts;
      const size = partSize * count;
      const file = fileOf(context.folder, size);
      const config = { file: file.path, size, partSize, concurrency: 4 };
      const one = (id, client, label, more) => ({
        id,
        client,
        label,
        config: { ...config, ...more },
        killAt: Math.floor(count / 2),
        perform: killed,
        shown,
      });
      const cases = [
        one("partwise", "partwise", "partwise, every old part proven", {}),
        one("partwise:fingerprint", "partwise", 'partwise, `verify: "fingerprint"`', {
          verify: "fingerprint",
        }),
        one("ali-oss", "ali-oss", "ali-oss, checkpoint saved by the driver", {}),
        one("oss2", "oss2", "oss2", {}),
        one("oss-python-v2", "oss-python-v2", "oss-python-v2, checkpoint on", {}),
        one("oss-go-v2", "oss-go-v2", "oss-go-v2, checkpoint on", {}),
        one("lib-storage", "lib-storage", "lib-storage (cannot resume)", {
          // Its smallest part is 5 MiB.
          partSize: Math.max(partSize, 5 * MiB),
        }),
      ];
      cases.at(-1).killAt = Math.floor(size / cases.at(-1).config.partSize / 2);
      const sink = await startSink();
      try {
        return { sink: sink.flags, bytes: size, parts: count, cases: await interleave(context, sink, cases) };
      } finally {
        await sink.stop();
      }
    },
    render({ cases }) {
      const rows = cases.map((found) => {
        const why = absence(found);
        if (why) return [found.label, why, "", "", "", ""];
        return [
          found.label,
          spread(
            summary(found, (run) => run.sentAgain / MiB),
            1,
          ),
          spread(
            summary(found, (run) => run.firstByte / 1000),
            3,
          ),
          spread(summary(found, (run) => run.seconds)),
          spread(summary(found, (run) => run.cpuSeconds)),
          found.runs.length - failures(found).length,
        ];
      });
      return table(
        ["client", "MiB sent again", "s to the first new byte", "s of the second run", "its CPU s", "runs"],
        rows,
      );
    },
  };
}

export const sections = [
  resume("resume", "Killed and resumed: 10,000 parts of 100 KiB", 100 * KiB, 10_000),
  resume("resume-large", "Killed and resumed: 100 parts of 10 MiB", (GiB / 1024) * 10, 100),
];
