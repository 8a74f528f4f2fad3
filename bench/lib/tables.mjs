// Markdown from results.
import { MiB } from "./paths.mjs";
import { cpuPerGiB, failures, peak, rate, summary } from "./stats.mjs";

export function table(head, rows) {
  return [
    `| ${head.join(" | ")} |`,
    `|${head.map(() => "---").join("|")}|`,
    ...rows.map((row) => `| ${row.join(" | ")} |`),
  ].join("\n");
}

/** `median (low–high)`. */
export function spread(found, digits = 2) {
  if (!found) return "–";
  return `${found.median.toFixed(digits)} (${found.low.toFixed(digits)}–${found.high.toFixed(digits)})`;
}

export function ratio(a, b, digits = 2) {
  return a && b ? `${(a.median / b.median).toFixed(digits)} ×` : "–";
}

/** What stands in a row instead of figures, or "" when there are figures. */
export function absence(result) {
  if (result.missing) return `missing: ${result.missing}`;
  const bad = failures(result);
  if (result.runs.length === 0) return "not run";
  return bad.length === result.runs.length ? `failed ${bad.length} of ${bad.length}: ${bad[0].error}` : "";
}

const cell = (text) => text.replaceAll("|", "\\|").replaceAll("\n", " ").slice(0, 160);

/** Throughput, CPU and memory of each case, and ratios to `base` (an id). */
export function costTable(
  results,
  base,
  { unit = "MiB/s", figure = (run) => rate(run) / MiB, digits = 0 } = {},
) {
  const to = results.find((one) => one.id === base);
  const rows = results.map((one) => {
    const why = absence(one);
    const name = one.id === base ? `**${one.label}**` : one.label;
    if (why) return [name, cell(why), "", "", "", "", ""];
    const bad = failures(one).length;
    return [
      name,
      spread(summary(one, figure), digits),
      spread(summary(one, cpuPerGiB)),
      spread(summary(one, peak), 0),
      ratio(to && summary(to, figure), summary(one, figure)),
      ratio(to && summary(to, cpuPerGiB), summary(one, cpuPerGiB)),
      `${one.runs.length - bad}${bad ? ` (${bad} failed: ${cell(failures(one)[0].error)})` : ""}`,
    ];
  });
  return table(
    ["client", unit, "CPU s/GiB", "peak MiB", `${to?.label ?? base} ÷ this: rate`, "÷ this: CPU", "runs"],
    rows,
  );
}
