import type { Options } from "tsup";

/** `PARTWISE_BUILD=js` leaves the declarations out: enough to run, and three times as fast. */
const declarations = process.env.PARTWISE_BUILD !== "js";

/**
 * The one build of every package: ESM for Node 20.19 and newer, with declarations.
 * `ignoreDeprecations` silences what tsup 8 sets by itself and TypeScript 6 dislikes.
 */
export function build(entry: Record<string, string>, more: Options = {}): Options {
  return {
    entry,
    format: ["esm"],
    target: "node20",
    platform: "neutral",
    clean: true,
    sourcemap: true,
    treeshake: true,
    dts: declarations && {
      compilerOptions: { ignoreDeprecations: "6.0", customConditions: [], noEmit: false },
    },
    ...more,
  };
}
