import { crc64ecma } from "../checksum/index.js";
import type { ReadBuffers } from "../contracts/checksum.js";
import type { Range } from "../model/range.js";

const blockSize = 4096;
/** Small sources pay for every read and every byte; large ones do not feel them. */
const fewBlocks = 3;
/** Up to this many bytes, all are looked at. */
const wholeUpTo = fewBlocks * blockSize;
const manyBlocks = 8;
const manyFrom = 8 * 1024 * 1024;

/** Ranges that are looked at, ascending, spread evenly from the first byte to the last. */
export function sampleRanges(size: number): readonly Range[] {
  if (size <= wholeUpTo) return size === 0 ? [] : [{ start: 0, end: size }];
  const blocks = size < manyFrom ? fewBlocks : manyBlocks;
  const step = (size - blockSize) / (blocks - 1);
  return Array.from({ length: blocks }, (_, block) => {
    const start = Math.floor(block * step);
    return { start, end: start + blockSize };
  });
}

/** One crc64ecma over all ranges of the sample. */
export async function sampleOf(
  size: number,
  read: (range: Range, buffers: ReadBuffers | undefined) => AsyncIterable<Uint8Array>,
): Promise<string> {
  const ranges = sampleRanges(size);
  const running = crc64ecma.start(ranges.reduce((sum, { start, end }) => sum + end - start, 0));
  try {
    for (const range of ranges) {
      for await (const bytes of read(range, running.buffers)) running.update(bytes);
    }
    return running.value();
  } finally {
    running.release(true);
  }
}
