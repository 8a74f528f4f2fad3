// Several processes on one transfer, against a remote that gives each connection little.
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { commandOf } from "../lib/clients.mjs";
import { drive } from "../lib/exec.mjs";
import { fileOf } from "../lib/files.mjs";
import { GiB, MiB } from "../lib/paths.mjs";
import { configOf, interleave } from "../lib/rounds.mjs";
import { startSink } from "../lib/sink.mjs";
import { rate, summary } from "../lib/stats.mjs";
import { absence, ratio, spread, table } from "../lib/tables.mjs";

/** Starts all members with one command, at once; the time is that of the last one. */
async function together(context, sink, { client, config, members }) {
  const work = mkdtempSync(join(context.folder, "crew-"));
  const [command, args] = commandOf(client, configOf(context, sink, { ...config, work, crew: true }));
  try {
    await sink.reset();
    const all = await Promise.all(
      Array.from({ length: members }, () => drive(command, args, { timeout: 300_000, env: sink.env })),
    );
    const bad = all.find((one) => one.error);
    if (bad) return bad;
    const from = Math.min(...all.map((one) => one.startedAt));
    const to = Math.max(...all.map((one) => one.startedAt + one.seconds * 1000));
    return {
      seconds: (to - from) / 1000,
      cpuSeconds: all.reduce((sum, one) => sum + one.cpuSeconds, 0),
      maxRssMiB: Math.max(...all.map((one) => one.maxRssMiB)),
      bytes: config.size,
      wasted: (await sink.stats()).body_bytes - config.size,
    };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

export const sections = [
  {
    name: "crew",
    title: "A crew: one, two and four processes on one transfer",
    about: "Each connection gets 10 MB/s, each member keeps four of them; the journals lie in one directory.",
    async run(context) {
      const file = fileOf(context.folder, context.quick ? 256 * MiB : GiB);
      const config = { file: file.path, size: file.size, partSize: 4 * MiB, concurrency: 4 };
      const cases = [1, 2, 4].map((members) => ({
        id: `crew:${members}`,
        client: "partwise",
        label: `${members} member${members > 1 ? "s" : ""}`,
        config,
        members,
        perform: together,
      }));
      const sink = await startSink({ perConnection: 10e6 });
      try {
        return { sink: sink.flags, bytes: file.size, cases: await interleave(context, sink, cases) };
      } finally {
        await sink.stop();
      }
    },
    render({ cases }) {
      const alone = cases.find((one) => one.id === "crew:1");
      const figure = (run) => rate(run) / 1e6;
      return table(
        ["crew", "MB/s", "of one alone", "CPU s in all", "MiB sent twice"],
        cases.map((one) => [
          one.label,
          summary(one, figure) ? spread(summary(one, figure), 1) : absence(one),
          ratio(summary(one, figure), alone && summary(alone, figure)),
          spread(summary(one, (run) => run.cpuSeconds)),
          spread(
            summary(one, (run) => run.wasted / MiB),
            1,
          ),
        ]),
      );
    },
  },
];
