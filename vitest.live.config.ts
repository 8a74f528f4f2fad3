import { defineConfig } from "vitest/config";

/** Tests against a real bucket, with the credentials of the environment. Never part of `npm test`. */
export default defineConfig({
  resolve: { conditions: ["@partwise/source"] },
  ssr: { resolve: { conditions: ["@partwise/source"], externalConditions: ["@partwise/source"] } },
  test: {
    include: ["packages/*/test/**/*.live.test.ts"],
    testTimeout: 600_000,
    fileParallelism: false,
  },
});
