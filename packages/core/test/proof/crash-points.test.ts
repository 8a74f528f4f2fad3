import { describe, expect, test } from "vitest";
import { deathsOf, type Ground, runHistory } from "./helpers/crash-points.js";
import { scenarios } from "./helpers/scenarios.js";

describe.each<Ground>(["memory", "disk"])("a process that dies anywhere, journals on %s", (ground) => {
  test.each(scenarios)("$name", async (scenario) => {
    const clean = await runHistory(scenario, ground);
    const broken: string[] = [];
    for (const death of deathsOf(clean.effects)) {
      try { await runHistory(scenario, ground, [death], clean); }
      catch (error) { broken.push(`${death.side} ${death.at} ${clean.effects[death.at - 1]}: ${(error as Error).message}`); }
    }
    console.log(scenario.name, clean.effects.length);
    expect(broken).toEqual([]);
  });
});
