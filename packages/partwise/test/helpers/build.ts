import { mkdirSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const packageRoot = fileURLToPath(new URL("../..", import.meta.url));
// Inside node_modules, so that what is not bundled is found from there.
const cache = fileURLToPath(new URL("../../../../node_modules/.cache", import.meta.url));

/** The command line as one file that a child process can run, made from the sources as they are now. */
export interface BuiltCli {
  readonly path: string;
  remove(): Promise<void>;
}

export async function buildCli(): Promise<BuiltCli> {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "partwise-cli-"));
  const path = join(folder, "cli.mjs");
  await build({
    entryPoints: [join(packageRoot, "src/cli.ts")],
    outfile: path,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["@partwise/source"],
    // All in one file starts in half the time, and these tests start it often; ioredis is found before redis is asked for.
    external: ["redis"],
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    sourcemap: true,
    logLevel: "warning",
  });
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
