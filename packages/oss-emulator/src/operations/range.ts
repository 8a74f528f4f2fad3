import { OssError } from "../http/errors.js";

/** [start, end) of an object, or `whole` when the range does not count. */
export type ByteRange = { readonly start: number; readonly end: number } | "whole";

/**
 * OSS's own rule: a range that begins or ends outside the object gives the whole object with 200. With
 * `x-oss-range-behavior: standard` the end is clamped, and a start outside is 416. Of several ranges the
 * first counts.
 */
export function readRange(header: string | undefined, size: number, standard: boolean): ByteRange {
  const match = /^bytes=(\d*)-(\d*)(?:,.*)?$/.exec(header?.trim() ?? "");
  const [, first = "", last = ""] = match ?? [];
  if (!match || (first === "" && last === "")) return "whole";
  const suffix = first === "";
  const start = suffix ? size - Number(last) : Number(first);
  const end = suffix || last === "" ? size : Number(last) + 1;
  if (!suffix && end <= start && last !== "") return "whole";
  if (suffix && Number(last) === 0) return outside(size, standard);
  if (start >= size) return outside(size, standard);
  if (start >= 0 && end <= size) return { start, end };
  return standard ? { start: Math.max(start, 0), end: Math.min(end, size) } : "whole";
}

function outside(size: number, standard: boolean): ByteRange {
  if (!standard) return "whole";
  throw new OssError(416, "InvalidRange", "The requested range cannot be satisfied.", {
    ActualObjectSize: size,
  });
}
