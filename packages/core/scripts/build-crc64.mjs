/** Writes the checksum's WebAssembly module into the sources: `node packages/core/scripts/build-crc64.mjs`. */
import { writeFileSync } from "node:fs";
import { generatedSource } from "./generated-source.mjs";

writeFileSync(new URL("../src/checksum/crc64-wasm.ts", import.meta.url), generatedSource());
