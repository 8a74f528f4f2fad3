/** Request headers by lower-case name; repeats joined with a comma, values trimmed and read as UTF-8. */
export type RequestHeaders = ReadonlyMap<string, string>;

export function readHeaders(raw: readonly string[]): RequestHeaders {
  const headers = new Map<string, string>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    // Node hands over one character per byte; the bytes are UTF-8.
    const value = Buffer.from(raw[i + 1]!, "latin1")
      .toString("utf8")
      .trim();
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return headers;
}

/** The form in which Node sends a UTF-8 value unchanged; characters that no header can carry become `?`. */
export function headerBytes(value: string): string {
  return Buffer.from(value, "utf8")
    .toString("latin1")
    .replace(/\p{Cc}/gu, (char) => (char < "\x80" && char !== "\t" ? "?" : char));
}

const SECRET = new Set(["authorization", "x-oss-security-token"]);

/** Headers as the log keeps them: without what could be used again. */
export function redact(headers: RequestHeaders): Record<string, string> {
  return Object.fromEntries([...headers].map(([name, value]) => [name, SECRET.has(name) ? "***" : value]));
}
