import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const SOURCE = fileURLToPath(new URL("../src/cli.ts", import.meta.url));
// Inside node_modules, so that what is not bundled is found from there.
const CACHE = fileURLToPath(new URL("../../../node_modules/.cache", import.meta.url));

/** The command as one file that a child process can run, made from the sources as they are now. */
export async function buildCommand(): Promise<{ path: string; remove(): Promise<void> }> {
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(CACHE, "oss-emulator-"));
  const path = join(folder, "cli.mjs");
  const external = ["fast-xml-parser"];
  await build({
    entryPoints: [SOURCE],
    outfile: path,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external,
  });
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}

export interface Command {
  readonly child: ChildProcess;
  readonly port: number;
  readonly ended: Promise<number | null>;
  errors(): string;
}

/** Starts the command and waits for its endpoint, or for its end. */
export async function startCommand(path: string, args: readonly string[]): Promise<Command> {
  const child = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (bytes) => {
    errors += String(bytes);
  });
  const ended = once(child, "close").then(() => child.exitCode);
  const line = once(createInterface(child.stdout), "line").then(([text]) => String(text));
  const first = await Promise.race([line, ended]);
  const port = Number(/:(\d+)$/.exec(String(first))?.[1] ?? 0);
  return { child, port, ended, errors: () => errors };
}
