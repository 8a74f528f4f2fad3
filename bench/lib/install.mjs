// Brings the peers into bench/.cache. One that cannot be had is reported with the reason, never left out.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./exec.mjs";
import { bench, cache } from "./paths.mjs";

const NPM = { "ali-oss": "6.23.0", "@aws-sdk/client-s3": "3.1173.0", "@aws-sdk/lib-storage": "3.1173.0" };
const PYTHON = { oss2: "2.19.1", "alibabacloud-oss-v2": "1.4.1" };

/** What of ours is measured. */
const OURS = ["core", "oss-adapter", "fs-store", "redis-store"];

const npmVersion = (name) =>
  JSON.parse(readFileSync(join(cache, "npm/node_modules", name, "package.json"), "utf8")).version;

async function npm() {
  const folder = join(cache, "npm");
  const wanted = JSON.stringify({ private: true, name: "bench-peers", dependencies: NPM }, null, 2);
  const manifest = join(folder, "package.json");
  const done = join(folder, "installed.json");
  if (existsSync(done) && readFileSync(done, "utf8") === wanted) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(manifest, wanted);
  await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"], {
    cwd: folder,
  });
  writeFileSync(done, wanted);
}

/** One environment for each Python peer: their CRC extensions would overwrite each other's. */
async function python(name) {
  const folder = join(cache, `py-${name}`);
  const done = join(folder, "installed");
  const wanted = `${name}==${PYTHON[name]}`;
  if (!existsSync(done) || readFileSync(done, "utf8") !== wanted) {
    await run("python3", ["-m", "venv", folder]);
    await run(join(folder, "bin/pip"), ["install", "--quiet", wanted]);
    await run(join(folder, "bin/python"), [
      "-c",
      "import crcmod._crcfunext", // without it a peer would run at a hundredth of its speed
    ]);
    writeFileSync(done, wanted);
  }
  return PYTHON[name];
}

async function go() {
  const folder = join(bench, "clients/go");
  await run("go", ["build", "-o", join(cache, "bin/go-sdk"), "."], { cwd: folder });
  return /oss-go-sdk-v2 v(\S+)/.exec(readFileSync(join(folder, "go.mod"), "utf8"))[1];
}

/**
 * Builds our packages and sets them aside with their drivers, so that a long run measures one build whatever happens to
 * the tree meanwhile. Their dependencies are found in the root's `node_modules`.
 */
export async function setAside() {
  const root = join(bench, "..");
  const filters = OURS.map((name) => `--filter=./packages/${name}`);
  await run(process.execPath, [join(root, "scripts/run.mjs"), "build", ...filters], { cwd: root });
  const aside = join(cache, "partwise");
  rmSync(aside, { recursive: true, force: true });
  for (const name of OURS) {
    const manifest = join(root, "packages", name, "package.json");
    const to = join(aside, "node_modules", JSON.parse(readFileSync(manifest, "utf8")).name);
    cpSync(manifest, join(to, "package.json"));
    cpSync(join(root, "packages", name, "dist"), join(to, "dist"), { recursive: true });
  }
  for (const name of ["partwise.mjs", "checkpoint.mjs", "measure.mjs"]) {
    cpSync(join(bench, "clients", name), join(aside, name));
  }
  const git = async (...args) => (await run("git", ["-C", root, ...args])).trim();
  return Promise.all([git("rev-parse", "--short", "HEAD"), git("status", "--porcelain", "--", "packages")])
    .then(([commit, changes]) => `commit ${commit}${changes ? " with changes" : ""}`)
    .catch(() => "unknown commit");
}

async function curl() {
  return /curl (\S+)/.exec(await run("curl", ["--version"]))[1];
}

/** `{ name: { version } | { missing: reason } }` for every client. */
export async function install(say) {
  const steps = {
    partwise: setAside,
    curl,
    "ali-oss": async () => npm().then(() => npmVersion("ali-oss")),
    "lib-storage": async () => npm().then(() => npmVersion("@aws-sdk/lib-storage")),
    oss2: () => python("oss2"),
    "oss-python-v2": () => python("alibabacloud-oss-v2"),
    "oss-go-v2": go,
  };
  const found = {};
  for (const [name, step] of Object.entries(steps)) {
    try {
      found[name] = { version: await step() };
      say(`${name} ${found[name].version}`);
    } catch (error) {
      found[name] = { missing: String(error.message).slice(0, 300) };
      say(`${name} is missing: ${found[name].missing}`);
    }
  }
  return found;
}
