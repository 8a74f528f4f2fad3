import type { ChecksumAlgorithm } from "../contracts/checksum.js";
import { combine } from "./combine.js";
import { startTable } from "./table.js";

/** CRC-64/XZ, which Alibaba OSS calls crc64ecma; values are unsigned decimal numbers. */
export const crc64ecma: ChecksumAlgorithm = {
  kind: "crc64ecma",
  start: startTable,
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
