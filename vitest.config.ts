import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["@partwise/source"] },
  ssr: { resolve: { conditions: ["@partwise/source"], externalConditions: ["@partwise/source"] } },
  test: {
    include: ["packages/*/{src,test}/**/*.test.ts", "examples/**/*.test.ts", "scripts/**/*.test.ts"],
    exclude: ["**/*.live.test.ts", "**/*.prove.test.ts", "**/node_modules/**", "**/dist/**"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
