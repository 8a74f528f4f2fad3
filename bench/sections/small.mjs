// Two thousand files of 64 KiB, one request each, 32 at once.
import { smallFilesOf } from "../lib/files.mjs";
import { KiB } from "../lib/paths.mjs";
import { interleave } from "../lib/rounds.mjs";
import { startSink } from "../lib/sink.mjs";
import { failures, peak, summary } from "../lib/stats.mjs";
import { absence, ratio, spread, table } from "../lib/tables.mjs";

const size = 64 * KiB;
const clients = ["partwise", "curl", "ali-oss", "lib-storage", "oss2", "oss-python-v2", "oss-go-v2"];
const perSecond = (run) => run.bytes / size / run.seconds;
const milliseconds = (run) => (run.cpuSeconds * 1000) / (run.bytes / size);

export const sections = [
  {
    name: "small",
    title: "2,000 files of 64 KiB, 32 at once",
    about:
      "Files lie in the page cache. oss2 is shown with one thread too, because more threads make it slower.",
    async run(context) {
      const count = context.quick ? 500 : 2000;
      const directory = smallFilesOf(context.folder, count, size);
      const sink = await startSink();
      const cases = clients.map((client) => ({
        id: client,
        client,
        label: `${client}, 32 at once`,
        config: { directory, count, size, concurrency: 32 },
      }));
      cases.splice(1, 0, {
        ...cases[0],
        id: "partwise:node",
        label: 'partwise, 32 at once, `http: "node"`',
        config: { ...cases[0].config, http: "node" },
      });
      const [oss2] = cases.filter((one) => one.client === "oss2");
      cases.push({
        ...oss2,
        id: "oss2:1",
        label: "oss2, one thread",
        config: { ...oss2.config, concurrency: 1 },
      });
      try {
        return { sink: sink.flags, count, cases: await interleave(context, sink, cases) };
      } finally {
        await sink.stop();
      }
    },
    render({ cases }) {
      const ours = cases.find((one) => one.id === "partwise");
      const rows = cases.map((one) => {
        const why = absence(one);
        if (why) return [one.label, why, "", "", "", "", ""];
        return [
          one.label,
          spread(summary(one, perSecond), 0),
          spread(summary(one, milliseconds)),
          spread(summary(one, peak), 0),
          ratio(ours && summary(ours, perSecond), summary(one, perSecond)),
          ratio(ours && summary(ours, milliseconds), summary(one, milliseconds)),
          one.runs.length - failures(one).length,
        ];
      });
      return table(
        ["client", "objects/s", "CPU ms/object", "peak MiB", "partwise ÷ this: rate", "÷ this: CPU", "runs"],
        rows,
      );
    },
  },
];
