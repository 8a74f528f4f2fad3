import { invalid } from "./invalid.js";

const escapeChar = (char: string) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;

/** Percent-encodes UTF-8; `A-Za-z0-9-._~` stay. Throws `invalid-options` for half a surrogate pair. */
export function percentEncode(text: string): string {
  let encoded: string;
  try {
    encoded = encodeURIComponent(text);
  } catch (cause) {
    throw invalid(
      "A name holds half a surrogate pair, which UTF-8 cannot carry; give well-formed text.",
      cause,
    );
  }
  // encodeURIComponent leaves these five alone; the signature does not.
  return encoded.replace(/[!'()*]/g, escapeChar);
}

/** As {@link percentEncode}, with slashes kept: the path that is signed, or sent. */
export function percentEncodePath(path: string): string {
  return percentEncode(path).replaceAll("%2F", "/");
}

/**
 * The path of a key as it is sent. URL parsers on the way (and `fetch`, for presigned URLs) resolve `.` and `..`;
 * encoding the slashes beside them keeps such keys what they are. OSS decodes both alike.
 */
export function keyPath(key: string): string {
  const dots = key.split("/").some((segment) => segment === "." || segment === "..");
  return dots ? percentEncode(key) : percentEncodePath(key);
}

/**
 * Query sorted by the bytes of the encoded name; an empty value is sent as a bare name. This very text is both
 * sent and signed (V4).
 */
export function encodeQuery(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .map(([name, value]) => [percentEncode(name), percentEncode(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => (value === "" ? name : `${name}=${value}`))
    .join("&");
}

/** Undoes `encoding-type=url`. Throws a plain `URIError` when the text is not percent-encoded UTF-8. */
export function percentDecode(text: string): string {
  return decodeURIComponent(text);
}

/**
 * Header text as Node writes it: its strings are latin1, OSS reads UTF-8, so each byte of the UTF-8 becomes one
 * latin1 character.
 */
export function headerBytes(value: string): string {
  for (let i = 0; i < value.length; i++) {
    if (value.charCodeAt(i) > 0x7e) return Buffer.from(value, "utf8").toString("latin1");
  }
  return value;
}
