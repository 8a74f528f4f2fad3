#!/usr/bin/env node
// Breaks the engine in every way of the list, one at a time and only in memory, and demands that tests fail.
// Arguments: names of mutations (default: all). `--json`: the result as JSON on standard output.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkMutation, mutations } from "./mutation-list.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const names = process.argv.slice(2).filter((each) => each !== "--json");
const asJson = process.argv.includes("--json");
const unknown = names.find((name) => !mutations.some((each) => each.name === name));
if (unknown) {
  process.stderr.write(
    `There is no mutation ${unknown}; there are ${mutations.map((each) => each.name).join(", ")}.\n`,
  );
  process.exit(2);
}

const chosen = mutations.filter((each) => names.length === 0 || names.includes(each.name));
for (const mutation of chosen) checkMutation(mutation);
const results = chosen.map(run);
if (asJson) process.stdout.write(`${JSON.stringify(results)}\n`);
process.exitCode = results.every((each) => each.caughtBy) ? 0 : 1;

function run({ name, what, tests }) {
  const folder = mkdtempSync(join(tmpdir(), "partwise-mutation-"));
  const report = join(folder, "report.json");
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const files = tests.map((test) => `packages/core/test/proof/${test}.test.ts`);
  const options = [
    "--config",
    "vitest.prove.config.ts",
    "--bail=1",
    "--reporter=json",
    `--outputFile=${report}`,
  ];
  const { stderr } = spawnSync(process.execPath, [vitest, "run", ...options, ...files], {
    cwd: root,
    env: { ...process.env, PARTWISE_MUTATION: name, PARTWISE_SEED: "", PARTWISE_WRITE_DOCS: "" },
    encoding: "utf8",
  });
  try {
    const caughtBy = failureIn(JSON.parse(readFileSync(report, "utf8")));
    if (!asJson) process.stdout.write(`${name}: ${caughtBy ? `caught by "${caughtBy}"` : "NOT CAUGHT"}\n`);
    return { name, what, caughtBy };
  } catch (error) {
    throw new Error(`the tests of mutation ${name} did not report: ${stderr}`, { cause: error });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A table that no longer fits counts for nothing: a rule must be seen to be broken. */
function failureIn({ testResults }) {
  const failed = testResults
    .flatMap((file) => file.assertionResults)
    .filter((each) => each.status === "failed");
  return failed.find((each) => !each.title.startsWith("docs/"))?.title;
}
