/** Half-open interval of byte offsets: `start` is in it, `end` is not. Both are safe integers, `0 ≤ start ≤ end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Number of bytes in a range. */
export function rangeSize(range: Range): number {
  return range.end - range.start;
}
