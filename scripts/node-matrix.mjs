#!/usr/bin/env node
// Runs the tests on other versions of Node: npm run matrix [-- 22 24]. Linux only, since the versions come as
// packages of the npm registry for that platform; they live in a temporary folder, outside this tree.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const releases = { 22: "22.23.3", 24: "24.21.0" };
const root = fileURLToPath(new URL("..", import.meta.url));
const wanted = process.argv.slice(2).filter((each) => each in releases);
const versions = wanted.length > 0 ? wanted : Object.keys(releases);
const folder = mkdtempSync(join(tmpdir(), "partwise-nodes-"));
const arch = process.arch === "arm64" ? "arm64" : "x64";

try {
  for (const version of versions) {
    run("npm", [
      "install",
      "--prefix",
      join(folder, version),
      "--no-audit",
      "--no-fund",
      "--no-bin-links",
      `node-linux-${arch}@${releases[version]}`,
    ]);
    const node = join(folder, version, "node_modules", `node-linux-${arch}`, "bin", "node");
    const shown = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim();
    process.stdout.write(`\nNode ${shown}\n`);
    run(node, [join(root, "node_modules/vitest/vitest.mjs"), "run", "--reporter=dot", "--no-color"]);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(program, args) {
  const { status } = spawnSync(program, args, { cwd: root, stdio: "inherit" });
  if (status === 0) return;
  process.stderr.write(`${program} ${args[0]} failed with status ${status}\n`);
  process.exitCode = 1;
}
