import { crc64ecma } from "../checksum/index.js";
import type { Range } from "../model/range.js";

/** Blocks that are looked at, and bytes in each: 32 KiB in all, spread evenly from the first to the last byte. */
const blocks = 8;
const blockSize = 4096;

/** Ranges of the sample, ascending; the whole content when that is no more. */
export function sampleRanges(size: number): readonly Range[] {
  if (size <= blocks * blockSize) return size === 0 ? [] : [{ start: 0, end: size }];
  const step = (size - blockSize) / (blocks - 1);
  return Array.from({ length: blocks }, (_, block) => {
    const start = Math.floor(block * step);
    return { start, end: start + blockSize };
  });
}

/** One crc64ecma over all blocks of the sample. */
export async function sampleOf(
  size: number,
  read: (range: Range) => AsyncIterable<Uint8Array>,
): Promise<string> {
  const running = crc64ecma.start(Math.min(size, blocks * blockSize));
  try {
    for (const range of sampleRanges(size)) {
      for await (const bytes of read(range)) running.update(bytes);
    }
    return running.value();
  } finally {
    running.release(true);
  }
}
