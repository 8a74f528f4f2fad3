import { expect, test } from "vitest";
import { deathsOf } from "./helpers/crash-points.js";
import { runCrew } from "./helpers/crew-points.js";

test("crew", async () => {
    const clean = await runCrew();
    const broken: string[] = [];
    for (const death of deathsOf(clean.effects)) {
      try { await runCrew(death); }
      catch (error) { broken.push(`${death.side} ${death.at} ${clean.effects[death.at - 1]}: ${(error as Error).message}`); }
    }
    console.log(clean.effects.length);
    expect(broken).toEqual([]);
});
