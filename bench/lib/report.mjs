// Results of all sections, as one page.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MiB } from "./paths.mjs";
import { table } from "./tables.mjs";
import { targets, verdict } from "./targets.mjs";

/** What is known so far: `{ section: data }`. */
export function readResults(folder) {
  const results = {};
  for (const name of readdirSync(folder)) {
    if (name.endsWith(".json"))
      results[name.slice(0, -5)] = JSON.parse(readFileSync(join(folder, name), "utf8"));
  }
  return results;
}

function targetTable(results) {
  const bar = (row, value) => `${row.atLeast ? "≥" : "≤"} ${value}${row.unit && ` ${row.unit}`}`;
  return table(
    ["against", "figure", "must", "aim", "reached", ""],
    targets(results).map((row) => [
      row.against,
      row.what,
      bar(row, row.must),
      bar(row, row.aim),
      row.reached === undefined ? "–" : `${Number(row.reached.toPrecision(3))}${row.unit && ` ${row.unit}`}`,
      [verdict(row), row.note].filter(Boolean).join("; "),
    ]),
  );
}

/** Markdown of everything measured. `sections` gives order, titles and tables. */
export function report(results, sections, { quick = false } = {}) {
  const found = sections.filter((section) => results[section.name]);
  const absent = sections.filter((section) => !results[section.name]);
  const newest = found.map((section) => results[section.name]).sort((a, b) => (a.date < b.date ? 1 : -1))[0];
  const lines = ["# Results", ""];
  if (quick) lines.push("**A quick run: small files, few rounds. Not for quoting.**", "");
  lines.push(
    "Written by `npm run bench`; `bench/README.md` says what each section means and how fair it is.",
    "Figures are medians, with the lowest and highest run in brackets. Compare only within one table: all its clients took turns on one sink.",
    "",
  );
  if (newest) {
    const { machine, clients } = newest;
    lines.push("## Where", "");
    for (const [name, value] of Object.entries(machine)) lines.push(`- ${name}: ${value}`);
    const named = Object.entries(clients).map(([name, { version, missing }]) =>
      missing ? `**${name} is missing** (${missing})` : `${name} ${version}`,
    );
    lines.push(`- clients: ${named.join("; ")}`, "");
  }
  lines.push("## Must and aim", "", targetTable(results), "");
  for (const section of found) {
    const data = results[section.name];
    lines.push(`## ${section.title}`, "", section.about, "");
    const facts = [
      `\`npm run bench -- --only ${section.name}${quick ? " --quick" : ""}\``,
      `${data.rounds} round${data.rounds === 1 ? "" : "s"}`,
      data.date.slice(0, 10),
    ];
    if (data.bytes) facts.push(`file of ${(data.bytes / MiB).toFixed(0)} MiB`);
    if (data.clients.partwise.version !== newest.clients.partwise.version) {
      facts.push(`partwise ${data.clients.partwise.version}`);
    }
    if (data.sink !== undefined) facts.push(`sink \`${data.sink || "without options"}\``);
    if (data.sparse) facts.push("sparse file");
    facts.push(`load before: ${data.load}${data.load > 0.5 ? " (**the machine was shared**)" : ""}`);
    lines.push(`${facts.join(" · ")}`, "", section.render(data), "");
  }
  if (absent.length) {
    lines.push("## Not measured", "", ...absent.map((section) => `- ${section.name}: ${section.title}`), "");
  }
  return lines.join("\n");
}
