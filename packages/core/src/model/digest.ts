import type { JsonValue } from "./json.js";
import { sha256 } from "./sha256.js";

const utf8 = new TextEncoder();

/** JSON with sorted names: equal values give equal text. */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value as Record<string, JsonValue | undefined>).filter(
      ([, each]) => each !== undefined,
    );
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([name, each]) => `${JSON.stringify(name)}:${canonicalJson(each as JsonValue)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

/** First `digits` hex digits of the SHA-256 of a value's canonical JSON. */
export async function digest(value: JsonValue, digits = 40): Promise<string> {
  let hex = "";
  for (const byte of sha256(utf8.encode(canonicalJson(value)))) hex += (256 + byte).toString(16).slice(1);
  return hex.slice(0, digits);
}
