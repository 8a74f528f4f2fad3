import type { JsonValue } from "./json.js";

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
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(canonicalJson(value)));
  const hex = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.slice(0, digits);
}
