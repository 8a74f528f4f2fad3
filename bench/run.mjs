// npm run bench [-- --quick] [--only section,…] [--clients name,…] [--rounds 5] [--temp folder] [--report] [--list]
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { clientNames } from "./lib/clients.mjs";
import { temporaryFolder } from "./lib/files.mjs";
import { install } from "./lib/install.mjs";
import { load, machine } from "./lib/machine.mjs";
import { bench, cache } from "./lib/paths.mjs";
import { readResults, report } from "./lib/report.mjs";
import { buildSink } from "./lib/sink.mjs";
import { sections } from "./sections/index.mjs";

const usage =
  "usage: npm run bench -- [--quick] [--only section,…] [--clients name,…] [--rounds 5] [--temp folder] [--report] [--list]";

function refuse(message) {
  console.error(`${message}\n${usage}`);
  process.exit(2);
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: "boolean", default: false },
        only: { type: "string" },
        clients: { type: "string" },
        rounds: { type: "string" },
        temp: { type: "string", default: tmpdir() },
        report: { type: "boolean", default: false },
        list: { type: "boolean", default: false },
      },
    });
    return values;
  } catch (error) {
    return refuse(error.message);
  }
}

function chosenFrom(text, known, what) {
  if (text === undefined) return undefined;
  const names = text.split(",").filter(Boolean);
  const strange = names.find((name) => !known.includes(name));
  if (strange !== undefined || names.length === 0)
    refuse(`no ${what} is named “${strange ?? text}”; there are: ${known.join(", ")}`);
  return names;
}

const options = readArguments();
if (options.list) {
  for (const section of sections) console.log(`${section.name.padEnd(14)} ${section.title}`);
  process.exit(0);
}
const rounds = options.rounds === undefined ? (options.quick ? 3 : 5) : Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100)
  refuse("--rounds is a whole number from 1 to 100");
const names = chosenFrom(
  options.only,
  sections.map((section) => section.name),
  "section",
);
const chosen = chosenFrom(options.clients, clientNames, "client");
const wanted = sections.filter((section) =>
  names ? names.includes(section.name) : !(options.quick && section.large),
);

// A quick run, or one with some clients only, never touches what is shown.
const partial = options.quick || chosen !== undefined;
const folder = join(cache, `results${chosen ? "-partial" : ""}${options.quick ? "-quick" : ""}`);
const page = partial ? join(folder, "RESULTS.md") : join(bench, "RESULTS.md");
const say = (text) => console.log(text);
mkdirSync(folder, { recursive: true });

if (!options.report) {
  await buildSink();
  const clients = await install(say);
  const where = await machine();
  const context = {
    folder: temporaryFolder(options.temp),
    rounds,
    quick: options.quick,
    clients,
    chosen,
    say,
  };
  for (const section of wanted) {
    const before = load();
    say(`\n${section.title} (load ${before})`);
    const from = Date.now();
    const data = await section.run(context);
    const whole = {
      date: new Date(from).toISOString(),
      load: before,
      rounds,
      machine: where,
      clients,
      ...data,
    };
    writeFileSync(join(folder, `${section.name}.json`), JSON.stringify(whole, null, 1));
    say(`${section.name}: ${Math.round((Date.now() - from) / 1000)} s`);
  }
}
writeFileSync(page, report(readResults(folder), sections, { quick: options.quick }));
say(`\nwritten: ${page}`);
