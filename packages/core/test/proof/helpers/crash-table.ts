import type { Ground, History } from "./crash-points.js";
import { table } from "./page.js";

/** What every death of one story came to. */
export interface Told {
  readonly story: string;
  readonly ground: Ground | "crew";
  readonly clean: { readonly received: number };
  readonly histories: readonly Pick<History, "deaths" | "outcome" | "orphans" | "received">[];
}

/** One table of all stories, and one of the effects at which a process died. */
export function crashTables(told: readonly Told[]): string {
  const stories = told.map(({ story, ground, clean, histories }) => [
    story,
    ground === "crew" ? "shared" : ground,
    histories.length,
    ends(histories.map((each) => each.outcome)),
    histories.filter((each) => each.orphans > 0).length,
    Math.max(0, ...histories.map((each) => each.received - clean.received)),
  ]);
  const places = new Map<string, { runs: number; outcomes: Set<string>; orphans: number; again: number }>();
  for (const { clean, histories } of told) {
    for (const { deaths, outcome, orphans, received } of histories) {
      const [death] = deaths;
      if (!death) continue;
      const disk = /^disk\.(\w+)( done)?$/.exec(death.effect);
      const place = disk
        ? `${disk[2] ? "after" : "before"} disk: ${disk[1]}`
        : `${death.side} ${spoken(death.effect)}`;
      const row = places.get(place) ?? { runs: 0, outcomes: new Set(), orphans: 0, again: 0 };
      row.runs++;
      row.outcomes.add(outcome);
      row.orphans += orphans > 0 ? 1 : 0;
      row.again = Math.max(row.again, received - clean.received);
      places.set(place, row);
    }
  }
  const rows = [...places]
    .sort(([a], [b]) => (key(a) < key(b) ? -1 : 1))
    .map(([place, { runs, outcomes, orphans, again }]) => [
      place,
      runs,
      [...outcomes].sort().join(", "),
      orphans,
      again,
    ]);
  return [
    table(
      [
        "Story",
        "Journal",
        "Deaths",
        "The next run ends as",
        "An empty session left",
        "Most bytes sent again",
      ],
      stories,
    ),
    "",
    table(
      ["The process dies", "Runs", "The next run ends as", "An empty session left", "Most bytes sent again"],
      rows,
    ),
  ].join("\n");
}

function spoken(effect: string): string {
  return effect
    .replace(/^transport\./, "remote: ")
    .replace(/^store\./, "journal: ")
    .replace(/ \d+$/, "")
    .replace(/ (member|parts)\/\S*$/, " $1");
}

/** Sorts by what was done, before before after. */
function key(place: string): string {
  const [side, ...what] = place.split(" ");
  return `${what.join(" ")} ${side === "before" ? 0 : 1}`;
}

function ends(outcomes: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts]
    .sort()
    .map(([outcome, count]) => `${outcome} ${count}`)
    .join(", ");
}
