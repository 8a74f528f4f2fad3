// A far, capped, unreliable link, emulated by the sink: nothing is tuned on any client.
import { defaults } from "../lib/clients.mjs";
import { fileOf } from "../lib/files.mjs";
import { GiB, MiB } from "../lib/paths.mjs";
import { interleave } from "../lib/rounds.mjs";
import { startSink } from "../lib/sink.mjs";
import { rate, summary } from "../lib/stats.mjs";
import { absence, ratio, spread, table } from "../lib/tables.mjs";

const LINK = 100e6;
const MB = 1e6;

function wan(name, reset, title, rounds = (context) => context.rounds) {
  return {
    name,
    title,
    about:
      "100 ms more before each answer and each connect, 4 MB/s per connection, 100 MB/s in all. There is no TCP slow start and no packet loss in it. " +
      "The clients that keep one to five connections send a quarter of the file: their rate does not depend on its size, and a smaller file is kinder to them where requests are reset.",
    async run(context) {
      const large = fileOf(context.folder, context.quick ? 256 * MiB : GiB);
      const small = fileOf(context.folder, large.size / 4);
      const file = (client) => (client === "partwise" ? large : small);
      const clients = ["partwise", "ali-oss", "lib-storage", "oss2", "oss-python-v2", "oss-go-v2", "curl"];
      const cases = clients.map((client) => ({
        id: `${client}:default`,
        client,
        label: `${client}, default${defaults[client] ? ` ${defaults[client]}` : ""}`,
        timeout: 240_000,
        shown: (run) => (run.error ? `failed: ${run.error}` : `${(rate(run) / MB).toFixed(1)} MB/s`),
        config: { file: file(client).path, size: file(client).size },
      }));
      cases.splice(1, 0, {
        ...cases[0],
        id: "partwise:default:node",
        label: 'partwise, default auto, `http: "node"`',
        config: { ...cases[0].config, http: "node" },
      });
      const sink = await startSink({
        perConnection: 4e6,
        total: LINK,
        rtt: 100,
        ...(reset ? { reset } : {}),
      });
      try {
        return {
          sink: sink.flags,
          bytes: large.size,
          cases: await interleave(context, sink, cases, rounds(context)),
        };
      } finally {
        await sink.stop();
      }
    },
    render({ cases }) {
      const ours = cases.find((one) => one.id === "partwise:default");
      const figure = (run) => rate(run) / MB;
      const rows = cases.map((one) => {
        const failed = one.runs.filter((run) => run.error).length;
        const found = summary(one, figure);
        return [
          one.label,
          found ? spread(found, 1) : absence(one),
          found ? `${((found.median / LINK) * MB * 100).toFixed(0)} %` : "–",
          ratio(ours && summary(ours, figure), found, 1),
          one.runs.length ? `${failed} of ${one.runs.length}` : "–",
        ];
      });
      return table(["client", "MB/s", "of the link", "partwise ÷ this", "failed transfers"], rows);
    },
  };
}

export const sections = [
  wan("wan", 0.005, "Emulated WAN, 0.5 % of requests reset"),
  wan("wan-clean", 0, "Emulated WAN without resets", (context) => Math.min(3, context.rounds)),
];
