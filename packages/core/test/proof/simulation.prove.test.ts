import { expect, test } from "vitest";
import { table, writeOnPage } from "./helpers/page.js";
import { noFigures, playAll, seedsFrom } from "./helpers/sim/many.js";

/** Histories: `PARTWISE_HISTORIES`, or twenty thousand. */
const total = Number(process.env.PARTWISE_HISTORIES ?? 20_000);
const each = 500;
const figures = noFigures();
const firsts = process.env.PARTWISE_SEED
  ? [1_001]
  : Array.from({ length: Math.ceil(total / each) }, (_, index) => 1_001 + index * each);

test.each(firsts)("histories from %i", async (first) => {
  await playAll(seedsFrom(first, each), figures);
});

test("figures", () => {
  if (process.env.PARTWISE_SEED || process.env.PARTWISE_MUTATION) return;
  expect(figures.histories).toBe(firsts.length * each);
  const kinds = [...figures.kinds].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = [
    `${number(figures.histories)} histories: ${number(figures.lives)} lives of processes, ${number(figures.deaths)} of which ended by death; ${number(figures.faults)} faults. No rule was broken.`,
    "",
    table(
      ["Fault", "Times"],
      kinds.map(([kind, times]) => [kind, number(times)]),
    ),
  ];
  writeOnPage("figures simulation", text.join("\n"));
});

function number(value: number): string {
  return value.toLocaleString("en");
}
