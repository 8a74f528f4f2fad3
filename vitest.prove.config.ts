import { readFileSync } from "node:fs";
import { env } from "node:process";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { mutate } from "./scripts/prove/mutation-list.mjs";

/** Name of one way to break the engine; set by scripts/prove/mutations.mjs. */
const mutation = env.PARTWISE_MUTATION;
const core = fileURLToPath(new URL("packages/core/src/", import.meta.url));

/** Hands out core's files as the mutation would have them; those on disk stay as they are. */
function mutated(name: string): Plugin {
  return {
    name: "mutated",
    enforce: "pre",
    load(id) {
      const [path = ""] = id.split("?");
      return path.startsWith(core) ? mutate(name, path, readFileSync(path, "utf8")) : undefined;
    },
  };
}

/**
 * The full counts: minutes, one file after the other, figures written to docs/reliability.md. With a mutation the
 * everyday tests run, which are to notice it.
 */
export default defineConfig({
  plugins: mutation ? [mutated(mutation)] : [],
  resolve: { conditions: ["@partwise/source"] },
  ssr: { resolve: { conditions: ["@partwise/source"], externalConditions: ["@partwise/source"] } },
  test: {
    include: mutation ? ["packages/core/test/**/*.test.ts"] : ["packages/*/{src,test}/**/*.prove.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", ...(mutation ? ["**/*.prove.test.ts"] : [])],
    testTimeout: mutation ? 60_000 : 3_600_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    maxWorkers: 1,
  },
});
