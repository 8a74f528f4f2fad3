import { usageError } from "../failure.js";

/** `auto` or a whole number; core knows the range. */
export function parseConcurrency(option: string, text: string): number | "auto" {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === "auto") return "auto";
  if (!/^\d{1,6}$/.test(trimmed))
    throw usageError(`${option} is not a number of parts: write auto, or 1 to 1000.`);
  return Number(trimmed);
}
