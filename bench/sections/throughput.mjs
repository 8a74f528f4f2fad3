// One large file, plain and TLS, at one connection, at four, and as each client comes.
import { defaults } from "../lib/clients.mjs";
import { fileOf, forget } from "../lib/files.mjs";
import { GiB, MiB } from "../lib/paths.mjs";
import { interleave } from "../lib/rounds.mjs";
import { startSink } from "../lib/sink.mjs";
import { costTable } from "../lib/tables.mjs";

const clients = ["partwise", "curl", "ali-oss", "lib-storage", "oss2", "oss-python-v2", "oss-go-v2"];

function casesOf(file, quarter, settings) {
  const cases = [];
  for (const client of clients) {
    for (const setting of settings) {
      const shared = { file: file.path, size: file.size };
      if (client === "curl") {
        if (setting === "default") continue;
        const four = setting === "c4";
        cases.push({
          id: `curl:${setting}`,
          client,
          label: four ? "curl -Z, 4 × a quarter" : "curl -T, one request",
          config: { ...shared, ...(four ? { pieces: quarter, concurrency: 4 } : {}) },
        });
        continue;
      }
      const concurrency = setting === "c1" ? 1 : setting === "c4" ? 4 : undefined;
      cases.push({
        id: `${client}:${setting}`,
        client,
        label: `${client}, ${concurrency ? `${concurrency} × 10 MiB` : `default ${defaults[client]}`}`,
        config: { ...shared, ...(concurrency ? { concurrency, partSize: 10 * MiB } : {}) },
      });
      if (client === "partwise" && setting !== "c1") cases.push(byNode(cases.at(-1)));
    }
  }
  return cases;
}

/** The same upload by Node's own HTTP client. */
const byNode = (one) => ({
  ...one,
  id: `${one.id}:node`,
  label: `${one.label}, \`http: "node"\``,
  config: { ...one.config, http: "node" },
});

function throughput(name, size, { tls = false, settings = ["c1", "c4", "default"], large = false } = {}) {
  return {
    name,
    large,
    title: `One file of ${size / GiB} GiB, ${tls ? "TLS" : "plain HTTP"}`,
    about: `Ratios are against our four connections of 10 MiB parts. \`curl\` checks nothing; \`ali-oss\` computes no checksum.`,
    async run(context) {
      const bytes = context.quick ? size / 4 : size;
      const file = fileOf(context.folder, bytes);
      const quarter = fileOf(context.folder, bytes / 4).path;
      const sink = await startSink({ tls });
      try {
        const cases = await interleave(context, sink, casesOf(file, quarter, settings));
        return { sink: sink.flags, bytes, sparse: file.holes, cases };
      } finally {
        await sink.stop();
        if (large) for (const path of [file.path, quarter]) forget(path);
      }
    },
    render: (data) => costTable(data.cases, "partwise:c4"),
  };
}

export const sections = [
  throughput("1g", GiB),
  throughput("1g-tls", GiB, { tls: true }),
  throughput("8g", 8 * GiB, { large: true }),
  throughput("8g-tls", 8 * GiB, { tls: true, settings: ["c4", "default"], large: true }),
];
