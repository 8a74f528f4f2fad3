import { expect, test } from "vitest";
import { deathsOf, runHistory } from "./helpers/crash-points.js";
import { table, writeOnPage } from "./helpers/page.js";
import { scenarios, smallTransfer } from "./helpers/scenarios.js";

/** What power loss leaves of what was not synced differs from seed to seed. */
const seeds = Number(process.env.PARTWISE_POWER_LOSSES ?? 5);
const rows: (readonly [string, number, number, number])[] = [];

function note(story: string, received: readonly number[]): void {
  const most = Math.max(0, ...received);
  const mean = Math.round(received.reduce((sum, each) => sum + each, 0) / Math.max(1, received.length));
  rows.push([story, received.length, mean, most]);
}

test("every pair of deaths of a small transfer", async () => {
  const clean = await runHistory(smallTransfer, "memory");
  const again: number[] = [];
  for (const first of deathsOf(clean.effects)) {
    const { later } = await runHistory(smallTransfer, "memory", [first], clean);
    for (const second of deathsOf(later)) {
      const history = await runHistory(smallTransfer, "memory", [first, second], clean);
      expect(history.deaths).toHaveLength(2);
      again.push(history.received - clean.received);
    }
  }
  note("3 parts, every pair of deaths", again);
});

test.each(scenarios)("power loss that takes some of what was not synced: $name", async (scenario) => {
  const clean = await runHistory(scenario, "disk");
  const again: number[] = [];
  for (const death of deathsOf(clean.effects)) {
    for (let seed = 1; seed <= seeds; seed++) {
      const history = await runHistory(scenario, "disk", [death], clean, seed);
      again.push(history.received - clean.received);
    }
  }
  note(`${scenario.name}, power loss that takes only some (${seeds} ways each)`, again);
});

test("figures", () => {
  if (process.env.PARTWISE_MUTATION) return;
  const runs = rows.reduce((sum, [, count]) => sum + count, 0);
  const text = [
    `${runs.toLocaleString("en")} histories with deaths, beside those of the table above; no rule was broken.`,
    "",
    table(["Story", "Histories", "Bytes sent again, mean", "most"], rows),
  ];
  writeOnPage("figures crash points", text.join("\n"));
});
