// node bench/profile.mjs [--size MiB] [--concurrency N] [--part-size MiB] [--tls] [--small files] [--top 30]
// Runs our client once under V8's profiler and prints where its main thread's time goes. The client runs slower for it.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { commandOf } from "./lib/clients.mjs";
import { drive } from "./lib/exec.mjs";
import { fileOf, smallFilesOf, temporaryFolder } from "./lib/files.mjs";
import { setAside } from "./lib/install.mjs";
import { KiB, MiB } from "./lib/paths.mjs";
import { configOf } from "./lib/rounds.mjs";
import { buildSink, startSink } from "./lib/sink.mjs";
import { table } from "./lib/tables.mjs";

const { values } = parseArgs({
  options: {
    size: { type: "string", default: "1024" },
    concurrency: { type: "string" },
    "part-size": { type: "string" },
    tls: { type: "boolean", default: false },
    small: { type: "string" },
    top: { type: "string", default: "30" },
  },
});

/** Microseconds by function, of the function itself without what it called. */
function selfTimes(profile) {
  const times = new Map();
  const names = new Map(profile.nodes.map((node) => [node.id, nameOf(node.callFrame)]));
  profile.samples.forEach((id, i) => {
    const name = names.get(id);
    times.set(name, (times.get(name) ?? 0) + profile.timeDeltas[i]);
  });
  return [...times].sort((a, b) => b[1] - a[1]);
}

function nameOf({ functionName, url, lineNumber }) {
  const path = url.startsWith("file:") ? fileURLToPath(url) : url;
  const place = path.replace(/^.*\/(?:node_modules|partwise)\//, "");
  return `${functionName || "(anonymous)"} · ${place ? `${place}:${lineNumber + 1}` : "V8"}`;
}

const number = (name) => (values[name] === undefined ? undefined : Number(values[name]));

await buildSink();
console.log(await setAside());
const folder = temporaryFolder();
const work = mkdtempSync(join(folder, "state-"));
const profiles = join(work, "profiles");
mkdirSync(profiles);
const sink = await startSink({ tls: values.tls });
try {
  const shared = {
    work,
    concurrency: number("concurrency"),
    partSize: values["part-size"] && number("part-size") * MiB,
  };
  const files = number("small");
  const config = files
    ? {
        ...shared,
        directory: smallFilesOf(folder, files, 64 * KiB),
        count: files,
        size: 64 * KiB,
        concurrency: shared.concurrency ?? 32,
      }
    : { ...shared, file: fileOf(folder, number("size") * MiB).path, size: number("size") * MiB };
  const [command, args] = commandOf("partwise", configOf({ folder }, sink, config));
  const flags = ["--cpu-prof", `--cpu-prof-dir=${profiles}`, "--cpu-prof-interval=200"];
  const result = await drive(command, [...flags, ...args], { env: sink.env });
  console.log(JSON.stringify(result));
  if (result.error) process.exit(1);
  const profile = JSON.parse(readFileSync(join(profiles, readdirSync(profiles)[0]), "utf8"));
  const idle = (name) => name.startsWith("(idle)");
  const times = selfTimes(profile);
  const busy = times.filter(([name]) => !idle(name)).reduce((sum, [, time]) => sum + time, 0);
  const rows = times
    .filter(([name]) => !idle(name))
    .slice(0, Number(values.top))
    .map(([name, time]) => [(time / 1000).toFixed(0), `${((time / busy) * 100).toFixed(1)} %`, name]);
  console.log(`\nmain thread busy ${(busy / 1e6).toFixed(2)} s, start-up included\n`);
  console.log(table(["ms", "of busy", "function itself"], rows));
} finally {
  await sink.stop();
}
