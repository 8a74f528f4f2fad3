import type { Range } from "../model/range.js";

/** A range outside its source is a mistake in the program, never of the source. */
export function requireSlice(range: Range, size: number): void {
  const { start, end } = range;
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || start > end || end > size) {
    throw new RangeError(`[${start}, ${end}) is no range of a source of ${size} bytes`);
  }
}
