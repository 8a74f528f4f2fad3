import { usageError } from "../failure.js";

/**
 * Reads repeated `Name: value` or `name=value` options. Values stay out of messages: a header can hold a secret.
 * A name given twice is refused, whatever its capitals.
 */
export function parsePairs(
  option: string,
  separator: ":" | "=",
  texts: readonly string[],
): Record<string, string> {
  const shape = separator === ":" ? "'Name: value'" : "name=value";
  const pairs = new Map<string, string>();
  const seen = new Set<string>();
  for (const text of texts) {
    const at = text.indexOf(separator);
    const name = text.slice(0, Math.max(at, 0)).trim();
    if (at < 0 || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) throw usageError(`${option} wants ${shape}.`);
    if (seen.has(name.toLowerCase())) throw usageError(`${option} names ${name} twice. Give it once.`);
    const value = text.slice(at + 1);
    if (/[\r\n\0]/.test(value))
      throw usageError(`${option} ${name} holds a line break. Write the value on one line.`);
    seen.add(name.toLowerCase());
    pairs.set(name, separator === ":" ? value.trim() : value);
  }
  return Object.fromEntries(pairs);
}
