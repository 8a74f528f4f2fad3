import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { table, writeOnPage } from "./helpers/page.js";

interface Mutated {
  readonly name: string;
  readonly what: string;
  readonly caughtBy?: string;
}

test("every rule broken on purpose is noticed by a test", () => {
  const program = fileURLToPath(new URL("../../../../scripts/prove/mutations.mjs", import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [program, "--json"], { encoding: "utf8" });
  expect(stderr).toBe("");
  const found = JSON.parse(stdout) as Mutated[];
  expect(found.filter((each) => !each.caughtBy).map((each) => each.name)).toEqual([]);
  const rows = found.map(({ what, caughtBy }) => [what, caughtBy!.replaceAll("|", "\\|")]);
  writeOnPage("mutations", table(["Broken so", "Noticed by"], rows));
});
