import type { ChecksumAlgorithm, RunningChecksum } from "../contracts/checksum.js";
import { combine } from "./combine.js";
import { startTable } from "./table.js";
import { startWasm } from "./wasm.js";

/** Bodies of fewer bytes are done by table: the end of a fold costs more than it saves there (bench/crc64.mjs). */
const foldFrom = 32 * 1024;

/** CRC-64/XZ, which Alibaba OSS calls crc64ecma; values are unsigned decimal numbers. */
export const crc64ecma: ChecksumAlgorithm = {
  kind: "crc64ecma",
  start(expectedSize?: number): RunningChecksum {
    const small = expectedSize !== undefined && expectedSize < foldFrom;
    return startWasm(small ? "slice" : "fold", expectedSize) ?? startTable();
  },
  combine,
};

/** Checksum of parts that follow one another; that of nothing when there are none. */
export function combineAll(
  algorithm: ChecksumAlgorithm,
  parts: Iterable<{ readonly checksum: string; readonly size: number }>,
): string {
  const empty = algorithm.start(0);
  let whole = empty.value();
  empty.release(true);
  for (const part of parts) whole = algorithm.combine(whole, part.checksum, part.size);
  return whole;
}
