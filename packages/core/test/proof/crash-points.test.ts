import { seededRandom } from "@partwise/testkit";
import { describe, expect, test } from "vitest";
import { deathsOf, type Ground, type History, runHistory } from "./helpers/crash-points.js";
import { crashTables, type Told } from "./helpers/crash-table.js";
import { runCrew } from "./helpers/crew-points.js";
import { expectOnPage } from "./helpers/page.js";
import { scenarios, smallTransfer } from "./helpers/scenarios.js";

const told: Told[] = [];

describe.each<Ground>(["memory", "disk"])(
  "a process that dies before or after any effect, journals on %s",
  (ground) => {
    test.each(scenarios)("$name", async (scenario) => {
      const clean = await runHistory(scenario, ground);
      const histories: History[] = [];
      for (const death of deathsOf(clean.effects)) {
        histories.push(await runHistory(scenario, ground, [death], clean));
      }
      expect(histories.length).toBeGreaterThan(clean.effects.length - 1);
      expect(histories.every((history) => history.deaths.length === 1)).toBe(true);
      told.push({ story: scenario.name, ground, clean, histories });
    });
  },
);

test("of two members one dies before or after any effect, and the other goes on", async () => {
  const clean = await runCrew();
  const histories: Told["histories"][number][] = [];
  for (const death of deathsOf(clean.effects)) {
    const { died, ...rest } = await runCrew(death);
    expect(died).toBeDefined();
    histories.push({ ...rest, deaths: [died!], outcome: "sent" });
  }
  told.push({ story: "crew of two, one dies", ground: "crew", clean, histories });
});

test("a process dies, and so does the next: a sample of the pairs", async () => {
  const clean = await runHistory(smallTransfer, "memory");
  const random = seededRandom(7);
  for (let pair = 0; pair < 100; pair++) {
    const first = random.pick(deathsOf(clean.effects));
    const second = random.pick(deathsOf((await runHistory(smallTransfer, "memory", [first], clean)).later));
    await runHistory(smallTransfer, "memory", [first, second], clean);
  }
});

test("docs/reliability.md tells of every crash point", () => {
  expectOnPage("crash points", crashTables(told));
});
