import { crc64Wasm, layout } from "./crc64-wasm.mjs";

/** Text of packages/core/src/checksum/crc64-wasm.ts. */
export function generatedSource() {
  const lines = Buffer.from(crc64Wasm())
    .toString("base64")
    .match(/.{1,100}/g)
    .map((line) => `  "${line}"`);
  return `/** Made by packages/core/scripts/build-crc64.mjs; change it there. */

/** Addresses in an instance's memory, in bytes: room for foreign bytes, and where the chunks begin. */
export const layout = { staging: ${layout.staging}, stagingSize: ${layout.stagingSize}, chunks: ${layout.chunks} };

/** The module, in base64. */
export const moduleText =
${lines.join(" +\n")};
`;
}
