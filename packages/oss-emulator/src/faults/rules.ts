import type { LoggedRequest } from "../http/log.js";

/**
 * What goes wrong. Bytes count from the start of the request's body; for requests without a body, from the
 * start of the answer's body. Without `ms`, a stall lasts until the client gives up or the emulator closes.
 */
export type Fault =
  /** Answers this instead of doing the work. `body` replaces the error XML (HTML, empty); `retryAfter` in seconds. */
  | {
      kind: "status";
      status: number;
      code?: string;
      message?: string;
      retryAfter?: number;
      body?: string;
      /** Puts the error XML, base64, into `x-oss-err` too. HEAD answers always have it. */
      errHeader?: boolean;
    }
  /** Resets the connection before the body is read; no work is done. */
  | { kind: "reset-before" }
  /** Resets the connection after so many bytes of the body. */
  | { kind: "reset-mid-body"; afterBytes: number }
  /** Does the work, then resets the connection instead of answering. */
  | { kind: "lost-answer" }
  /** Goes silent before the body is read, inside the body, or (work done) before or inside the answer. */
  | { kind: "stall"; where: "before-body" | "mid-body" | "answer"; afterBytes?: number; ms?: number }
  /** Waits before doing anything. */
  | { kind: "delay"; ms: number }
  /** Moves the bodies of this request and its answer no faster than this. */
  | { kind: "throttle"; bytesPerSecond: number }
  /** Drops the multipart upload that the request names, then goes on. */
  | { kind: "session-gone" }
  /** Answers with a wrong `x-oss-hash-crc64ecma`. */
  | { kind: "wrong-checksum" }
  /** Flips one bit of the body on its way to the disk; all checksums are of what is stored. */
  | { kind: "corrupt-body" }
  /** Answers 403 SecurityTokenExpired. */
  | { kind: "credentials-expired" }
  /** Sets the server's clock ahead for this request (default one hour; negative for behind). */
  | { kind: "skew"; ms?: number };

export type FaultKind = Fault["kind"];

/** Which requests a rule is for; all given fields must agree. */
export interface FaultMatch {
  operation?: string;
  method?: string;
  bucket?: string;
  key?: string;
  partNumber?: number;
  uploadId?: string;
  /** Not over HTTP. */
  predicate?: (request: LoggedRequest) => boolean;
}

export interface FaultRule {
  when?: FaultMatch;
  /** How often it happens, default 1. */
  times?: number | "always";
  /** How many matching requests pass before the first fault, default 0. */
  after?: number;
  fault: Fault;
}

const NUMBER = "number";
const FIELDS: Readonly<Record<FaultKind, Readonly<Record<string, string>>>> = {
  status: {
    status: NUMBER,
    "code?": "string",
    "message?": "string",
    "retryAfter?": NUMBER,
    "body?": "string",
    "errHeader?": "boolean",
  },
  "reset-before": {},
  "reset-mid-body": { afterBytes: NUMBER },
  "lost-answer": {},
  stall: { where: "string", "afterBytes?": NUMBER, "ms?": NUMBER },
  delay: { ms: NUMBER },
  throttle: { bytesPerSecond: NUMBER },
  "session-gone": {},
  "wrong-checksum": {},
  "corrupt-body": {},
  "credentials-expired": {},
  skew: { "ms?": NUMBER },
};
const MATCH: Readonly<Record<string, string>> = {
  "operation?": "string",
  "method?": "string",
  "bucket?": "string",
  "key?": "string",
  "partNumber?": NUMBER,
  "uploadId?": "string",
  "predicate?": "function",
};

/** Checks a rule from anywhere; a mistyped rule that never fires would make a test pass for nothing. */
export function checkRule(value: unknown): FaultRule {
  const rule = fieldsOf(value, "rule", {
    "when?": "object",
    "times?": "",
    "after?": NUMBER,
    fault: "object",
  });
  const { times, when, fault } = rule;
  if (times !== undefined && times !== "always" && !(typeof times === "number" && times >= 0)) {
    throw new TypeError('A fault rule\'s times must be a number of at least 0, or "always".');
  }
  if (when !== undefined) fieldsOf(when, "when", MATCH);
  const kind = (fault as Fault).kind;
  const fields = FIELDS[kind];
  if (!fields)
    throw new TypeError(`There is no fault of kind "${kind}". Known: ${Object.keys(FIELDS).join(", ")}.`);
  fieldsOf(fault, `fault "${kind}"`, { ...fields, kind: "string" });
  const checked = fault as Fault;
  if (
    checked.kind === "status" &&
    !(Number.isInteger(checked.status) && checked.status >= 200 && checked.status <= 599)
  ) {
    throw new TypeError("A status fault's status must be 200 to 599.");
  }
  if (checked.kind === "stall" && !["before-body", "mid-body", "answer"].includes(checked.where)) {
    throw new TypeError('A stall\'s where must be "before-body", "mid-body" or "answer".');
  }
  if (checked.kind === "throttle" && !(checked.bytesPerSecond > 0)) {
    throw new TypeError("A throttle's bytesPerSecond must be above 0.");
  }
  return value as FaultRule;
}

function fieldsOf(
  value: unknown,
  what: string,
  fields: Readonly<Record<string, string>>,
): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new TypeError(`A ${what} must be an object.`);
  const given = value as Record<string, unknown>;
  for (const [field, type] of Object.entries(fields)) {
    const optional = field.endsWith("?");
    const found = given[optional ? field.slice(0, -1) : field];
    if (found === undefined ? optional : type === "" || typeof found === type) continue;
    throw new TypeError(`In a ${what}, ${field.replace("?", "")} must be a ${type}.`);
  }
  for (const field of Object.keys(given)) {
    if (field in fields || `${field}?` in fields) continue;
    throw new TypeError(`A ${what} has no field "${field}".`);
  }
  return given;
}
