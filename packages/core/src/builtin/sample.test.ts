import { expect, it } from "vitest";
import { crc64ecma } from "../checksum/index.js";
import { sampleOf, sampleRanges } from "./sample.js";

it("looks at all of what is small, else at blocks from the first to the last byte", () => {
  expect(sampleRanges(0)).toEqual([]);
  expect(sampleRanges(1)).toEqual([{ start: 0, end: 1 }]);
  expect(sampleRanges(12_288)).toEqual([{ start: 0, end: 12_288 }]);
  for (const [size, blocks] of [
    [12_289, 3],
    [8 * 1024 * 1024 - 1, 3],
    [8 * 1024 * 1024, 8],
    [48.8 * 2 ** 40, 8],
  ] as const) {
    const ranges = sampleRanges(Math.floor(size));
    expect(ranges).toHaveLength(blocks);
    expect(ranges[0]!.start).toBe(0);
    expect(ranges.at(-1)!.end).toBe(Math.floor(size));
    ranges.forEach((range, n) => {
      expect(range.end - range.start).toBe(4096);
      if (n > 0) expect(range.start).toBeGreaterThanOrEqual(ranges[n - 1]!.end);
    });
  }
});

it("is one checksum over the blocks", async () => {
  const content = Uint8Array.from({ length: 100_000 }, (_, at) => at % 251);
  async function* read({ start, end }: { start: number; end: number }) {
    yield content.subarray(start, end);
  }
  const expected = crc64ecma.start();
  for (const { start, end } of sampleRanges(content.length)) expected.update(content.subarray(start, end));
  expect(await sampleOf(content.length, read)).toBe(expected.value());
});
