// Drives the emulator with oss2, the Python SDK: `node bench/interop/run.mjs` after `npm run build`.
// Makes a virtual environment in a temporary folder, so it needs python3 with venv and a Python package index.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const OSS2 = "oss2==2.19.1";
const script = fileURLToPath(new URL("oss2_client.py", import.meta.url));
const emulatorPackage = new URL("../../packages/oss-emulator/dist/index.js", import.meta.url);

const folder = mkdtempSync(join(tmpdir(), "interop-"));
let emulator;
try {
  const { startOssEmulator } = await import(emulatorPackage.href).catch(() => {
    throw new Error("the emulator is not built: run npm run build first");
  });
  const python = join(folder, "venv/bin/python");
  run("python3", ["-m", "venv", join(folder, "venv")]);
  run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", OSS2]);
  emulator = await startOssEmulator();
  process.exitCode = await new Promise((resolve, reject) => {
    const child = spawn(python, ["-W", "ignore", script, emulator.endpoint, "demo", folder], {
      stdio: "inherit",
    });
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
} catch (error) {
  console.error(`interop: ${error.message}`);
  process.exitCode = 1;
} finally {
  await emulator?.close();
  rmSync(folder, { recursive: true, force: true });
}

function run(command, args) {
  const { status, error, stderr } = spawnSync(command, args, {
    stdio: ["ignore", "inherit", "pipe"],
    encoding: "utf8",
  });
  if (error || status !== 0) {
    const why = error?.message ?? stderr.trim().split("\n").at(-1);
    throw new Error(`${command} ${args.slice(0, 3).join(" ")} failed: ${why}`);
  }
}
