import type { TransferErrorCode } from "@partwise/core/contract";

/** The codes whose details are those of a refusal by the remote. */
export type RefusalCode = Exclude<
  TransferErrorCode,
  | "lease-held"
  | "lease-lost"
  | "checkpoint-unreadable"
  | "checkpoint-too-new"
  | "part-corrupt"
  | "object-mismatch"
>;

/** What an error of OSS means to us. */
export interface Meaning {
  readonly code: RefusalCode;
  /** What to do, as a sentence. */
  readonly advice?: string;
  /** Where trying again can help although the code says it does not, or the other way round. */
  readonly retryable?: boolean;
}

const KEYS = "Check access key, secret and token, and that they belong to this region's account.";
const PERMISSION =
  "Check that the credentials may do this to this bucket and key, and that the endpoint is the bucket's own.";
const SESSION = "It was completed, aborted, or removed by a lifecycle rule.";

/** Codes of OSS. OSS documentation, "Error responses". What is not here goes by its HTTP status. */
const byCode: Readonly<Record<string, Meaning>> = {
  AccessDenied: { code: "denied", advice: PERMISSION },
  SecondLevelDomainForbidden: { code: "denied", advice: "Do not use pathStyle with this endpoint." },
  SignatureDoesNotMatch: { code: "denied", advice: KEYS },
  InvalidAccessKeyId: { code: "credentials-expired", advice: KEYS },
  InvalidSecurityToken: { code: "credentials-expired", advice: KEYS },
  SecurityTokenExpired: { code: "credentials-expired", advice: "Get new temporary credentials." },
  SecurityTokenNotSupported: { code: "denied", advice: KEYS },
  UserDisable: { code: "denied", advice: "The account is disabled or overdue." },
  FileImmutable: { code: "denied", advice: "A retention rule of the bucket protects this object." },
  InvalidObjectState: { code: "rejected", advice: "The object is archived; restore it first." },
  RequestTimeTooSkewed: { code: "clock-skewed", advice: "Set this machine's clock." },
  NoSuchBucket: { code: "not-found", advice: "Check the bucket's name and the region or endpoint." },
  NoSuchKey: { code: "not-found" },
  NoSuchVersion: { code: "not-found" },
  NoSuchUpload: { code: "session-gone", advice: SESSION },
  InvalidPart: { code: "part-refused" },
  InvalidPartOrder: { code: "rejected" },
  EntityTooSmall: { code: "rejected", advice: "Every part but the last has at least 100 KiB." },
  EntityTooLarge: { code: "too-large" },
  FileAlreadyExists: { code: "already-exists", advice: "Choose another key, or allow replacing." },
  ObjectAlreadyExists: { code: "already-exists", advice: "Choose another key, or allow replacing." },
  PreconditionFailed: { code: "object-changed" },
  NotImplemented: { code: "unsupported" },
  OperationNotSupported: { code: "unsupported" },
  // The bytes were damaged on their way: sending them again helps.
  InvalidDigest: { code: "rejected", retryable: true },
  RequestTimeout: { code: "timed-out" },
  CallbackFailed: { code: "rejected", advice: "The object is stored; its callback failed." },
  OperationAborted: { code: "unavailable" },
};

const byStatus: Readonly<Record<number, Meaning>> = {
  401: { code: "denied", advice: KEYS },
  403: { code: "denied", advice: PERMISSION },
  404: { code: "not-found" },
  407: { code: "denied", advice: "A proxy wants credentials." },
  408: { code: "timed-out" },
  409: { code: "rejected" },
  412: { code: "object-changed" },
  413: { code: "too-large" },
  429: { code: "rate-limited" },
};

const THROTTLED = /RateLimit|TooManyRequests|QpsLimit|Throttl|SlowDown|TrafficLimit/i;

/** The meaning of an answer's code, if it has one, and status. `asksToWait`: it names a time to wait. */
export function meaningOf(status: number, code: string | undefined, asksToWait: boolean): Meaning {
  if (code !== undefined) {
    if (THROTTLED.test(code)) return { code: "rate-limited" };
    if (Object.hasOwn(byCode, code)) return byCode[code] as Meaning;
  }
  if (status >= 500) return { code: status === 503 && asksToWait ? "rate-limited" : "unavailable" };
  if (status >= 300 && status < 400)
    return { code: "rejected", advice: "This endpoint redirects; give the address it redirects to." };
  return byStatus[status] ?? { code: "rejected" };
}
