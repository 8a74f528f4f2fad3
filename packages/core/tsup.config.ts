import { defineConfig } from "tsup";
import { build } from "../../tsup.base.js";

export default defineConfig(
  build({ index: "src/index.ts", contract: "src/contract.ts", node: "src/node/index.ts" }),
);
