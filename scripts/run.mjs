#!/usr/bin/env node
// Every npm script of the root passes through here, so that each works from a fresh clone: Node's built-ins only.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const { env } = process;
const root = fileURLToPath(new URL("..", import.meta.url));
const at = (...path) => join(root, ...path);

const commands = {
  build: (args) => step("build", "turbo", ["run", "build", ...args]),
  typecheck,
  lint,
  test(args) {
    typecheck();
    lint();
    step("tests", "vitest", ["run", ...args]);
  },
  exports: checkExports,
  quickstart(args) {
    // What runs is enough; declarations take most of a build's time.
    env.PARTWISE_BUILD = "js";
    build(["--filter=partwise", "--filter=@partwise/oss-emulator"]);
    step("quickstart", process.execPath, [at("scripts/quickstart.mjs"), ...args], {
      cwd: env.INIT_CWD,
    });
  },
  prove: (args) => step("prove", "vitest", ["run", "--config", "vitest.prove.config.ts", ...args]),
  bench: (args) => step("bench", process.execPath, [at("bench/run.mjs"), ...args]),
  matrix: (args) =>
    step("other versions of Node", process.execPath, [at("scripts/node-matrix.mjs"), ...args]),
  live: (args) => step("live tests", "vitest", ["run", "--config", "vitest.live.config.ts", ...args]),
};

main(process.argv.slice(2));

function main([name = "", ...args]) {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    stop(`Partwise needs Node 20.19 or newer; this is ${process.version}.`);
  }
  if (!Object.hasOwn(commands, name)) {
    stop(
      `Usage: node scripts/run.mjs <command> [arguments]; the commands are ${Object.keys(commands).join(", ")}.`,
    );
  }
  env.PATH = [at("node_modules/.bin"), env.PATH].join(delimiter);
  env.TURBO_TELEMETRY_DISABLED = "1";
  env.DO_NOT_TRACK = "1";
  install();
  commands[name](args);
}

/** Installs when nothing is installed, or when the lock file is newer than what is. */
function install() {
  const changedAt = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);
  if (changedAt(at("node_modules/.package-lock.json")) >= changedAt(at("package-lock.json"))) return;
  process.stderr.write("installing the packages of package-lock.json …\n");
  // npm names itself to the scripts it runs; started by hand, it is found on the PATH.
  const npm = env.npm_execpath ? [process.execPath, env.npm_execpath] : ["npm"];
  quietly("npm ci", npm[0], [...npm.slice(1), "ci", "--no-progress"]);
}

function typecheck() {
  step("types of core without Node", "tsc", ["-p", "packages/core/tsconfig.neutral.json"]);
  step("types", "tsc", ["-p", "tsconfig.json"]);
}

function lint(args = []) {
  // Biome colours its output under CI, where nobody sees colours.
  step("lint", "biome", ["ci", `--colors=${process.stdout.isTTY ? "force" : "off"}`, ...args]);
  if (/"resolved": "https?:/.test(readFileSync(at("package-lock.json"), "utf8"))) {
    stop(
      "lint failed: package-lock.json names a registry's host. Run npm install here, where .npmrc keeps it out.",
    );
  }
}

function build() {
  process.stderr.write("building …\n");
  quietly("build", "turbo", ["run", "build"]);
}

function checkExports() {
  build();
  for (const folder of readdirSync(at("packages"))) {
    const cwd = at("packages", folder);
    if (!existsSync(join(cwd, "package.json"))) continue;
    step(`exports of ${folder}`, "publint", ["--strict"], { cwd });
    step(`types of ${folder}`, "attw", ["--pack", ".", "--profile", "esm-only"], { cwd });
  }
}

/** Runs one program in the open; its failure ends everything. */
function step(what, program, args, { cwd = root } = {}) {
  const { status, signal, error } = spawnSync(program, args, {
    cwd,
    stdio: "inherit",
    shell: isShellNeeded(program),
  });
  if (status !== 0) stop(`${what} failed: ${error?.message ?? signal ?? `exit status ${status}`}`);
}

/** Runs one program unseen, unless it fails. */
function quietly(what, program, args) {
  const { status, signal, error, stdout, stderr } = spawnSync(program, args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    shell: isShellNeeded(program),
  });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ""}${stderr ?? ""}`);
  stop(`${what} failed: ${error?.message ?? signal ?? `exit status ${status}`}`);
}

/** On Windows the programs in node_modules/.bin are command files. */
function isShellNeeded(program) {
  return process.platform === "win32" && program !== process.execPath;
}

function stop(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
