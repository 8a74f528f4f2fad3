import { timingSafeEqual } from "node:crypto";
import { invalidArgument, OssError } from "../http/errors.js";
import type { Computed, Signable } from "./canonical.js";
import type { CredentialBook, EmulatorCredentials } from "./credentials.js";
import { signV1 } from "./v1.js";
import { signV4 } from "./v4.js";

const MAX_SKEW = 900_000;
const MAX_V4_EXPIRY = 604_800;

export interface VerifyContext {
  readonly credentials: CredentialBook;
  readonly region: string;
  readonly now: number;
}

/** Checks who asks. Gives the access key id, or `undefined` for a request that carries no signature. */
export function verify(request: Signable, context: VerifyContext): string | undefined {
  const authorization = request.headers.get("authorization");
  const query = new Map(request.query);
  if (authorization?.startsWith("OSS4-HMAC-SHA256 ")) return verifyV4Header(request, authorization, context);
  if (authorization?.startsWith("OSS ")) return verifyV1Header(request, authorization, context);
  if (authorization !== undefined) {
    throw invalidArgument("The authorization header is not supported.", "Authorization", "***");
  }
  if (query.has("x-oss-signature-version")) return verifyV4Url(request, query, context);
  if (query.has("OSSAccessKeyId") || query.has("Signature")) return verifyV1Url(request, query, context);
  return undefined;
}

function verifyV1Header(request: Signable, authorization: string, context: VerifyContext): string {
  const colon = authorization.indexOf(":");
  if (colon < 0) throw invalidArgument("The authorization header is invalid.", "Authorization", "***");
  const id = authorization.slice(4, colon).trim();
  const credentials = lookUp(id, request.headers.get("x-oss-security-token"), context);
  const date = request.headers.get("x-oss-date") ?? request.headers.get("date");
  const at = date === undefined ? Number.NaN : Date.parse(date);
  if (date === undefined || Number.isNaN(at)) {
    throw new OssError(403, "AccessDenied", "OSS authentication requires a valid Date.");
  }
  checkSkew(at, context.now);
  const computed = signV1(request, credentials.accessKeySecret, date);
  compare(computed, authorization.slice(colon + 1).trim(), id);
  return id;
}

function verifyV1Url(request: Signable, query: ReadonlyMap<string, string>, context: VerifyContext): string {
  const id = query.get("OSSAccessKeyId");
  const signature = query.get("Signature");
  const expires = query.get("Expires");
  if (!id || !signature || !expires || !/^\d{1,15}$/.test(expires)) {
    throw new OssError(403, "AccessDenied", "A signed URL needs OSSAccessKeyId, Expires and Signature.");
  }
  checkExpiry(Number(expires) * 1000, context.now);
  const token = query.get("security-token") ?? request.headers.get("x-oss-security-token");
  const credentials = lookUp(id, token, context);
  compare(signV1(request, credentials.accessKeySecret, expires), signature, id);
  return id;
}

function verifyV4Header(request: Signable, authorization: string, context: VerifyContext): string {
  const fields = new Map<string, string>();
  for (const field of authorization.slice("OSS4-HMAC-SHA256 ".length).split(",")) {
    const equals = field.indexOf("=");
    if (equals > 0) fields.set(field.slice(0, equals).trim(), field.slice(equals + 1).trim());
  }
  const additional = fields.get("AdditionalHeaders");
  if (additional === "") {
    throw invalidArgument("AdditionalHeaders must not be empty.", "AdditionalHeaders", "", "0002-00000209");
  }
  const payload = request.headers.get("x-oss-content-sha256");
  if (payload !== "UNSIGNED-PAYLOAD") {
    throw invalidArgument(
      "x-oss-content-sha256 must be UNSIGNED-PAYLOAD.",
      "x-oss-content-sha256",
      payload ?? "",
    );
  }
  const dateTime = request.headers.get("x-oss-date") ?? "";
  const scope = readScope(fields.get("Credential") ?? "", dateTime, context.region);
  const credentials = lookUp(scope.id, request.headers.get("x-oss-security-token"), context);
  checkSkew(scope.at, context.now);
  const parts = { ...scope, additional: splitNames(additional) };
  compare(signV4(request, credentials.accessKeySecret, parts), fields.get("Signature") ?? "", scope.id);
  return scope.id;
}

function verifyV4Url(request: Signable, query: ReadonlyMap<string, string>, context: VerifyContext): string {
  const version = query.get("x-oss-signature-version") ?? "";
  if (version !== "OSS4-HMAC-SHA256") {
    throw invalidArgument("The signature version is not supported.", "x-oss-signature-version", version);
  }
  const seconds = query.get("x-oss-expires") ?? "";
  if (!/^\d{1,6}$/.test(seconds) || Number(seconds) < 1 || Number(seconds) > MAX_V4_EXPIRY) {
    throw invalidArgument("x-oss-expires must be 1 to 604800 seconds.", "x-oss-expires", seconds);
  }
  const dateTime = query.get("x-oss-date") ?? "";
  const scope = readScope(query.get("x-oss-credential") ?? "", dateTime, context.region);
  const token = query.get("x-oss-security-token") ?? request.headers.get("x-oss-security-token");
  const credentials = lookUp(scope.id, token, context);
  if (scope.at - context.now > MAX_SKEW) checkSkew(scope.at, context.now);
  checkExpiry(scope.at + Number(seconds) * 1000, context.now);
  const unsigned = { ...request, query: request.query.filter(([name]) => name !== "x-oss-signature") };
  const parts = { ...scope, additional: splitNames(query.get("x-oss-additional-headers")) };
  compare(signV4(unsigned, credentials.accessKeySecret, parts), query.get("x-oss-signature") ?? "", scope.id);
  return scope.id;
}

function readScope(credential: string, dateTime: string, region: string) {
  const match = /^(.+)\/(\d{8})\/([^/]+)\/([^/]+)\/aliyun_v4_request$/.exec(credential);
  if (!match) throw invalidArgument("The credential scope is invalid.", "Credential", credential);
  const [, id, day, signedRegion, product] = match as unknown as string[];
  const at = parseDateTime(dateTime);
  if (at === undefined || !dateTime.startsWith(day!)) {
    throw invalidArgument(
      "x-oss-date is missing, invalid or not the day of the scope.",
      "x-oss-date",
      dateTime,
    );
  }
  // Which code the real service gives for a foreign region is not confirmed.
  if (signedRegion !== region || product !== "oss") {
    throw invalidArgument(`The scope must be of region ${region} and product oss.`, "Credential", credential);
  }
  return { id: id!, dateTime, at, region, product: "oss" };
}

function parseDateTime(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!match) return undefined;
  const at = Date.parse(text.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  return Number.isNaN(at) ? undefined : at;
}

const splitNames = (names: string | undefined) =>
  (names ?? "")
    .split(";")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");

function lookUp(id: string, token: string | undefined, context: VerifyContext): EmulatorCredentials {
  const credentials = context.credentials.get(id);
  if (!credentials || (credentials.securityToken !== undefined && !token)) {
    throw new OssError(
      403,
      "InvalidAccessKeyId",
      "The OSS Access Key Id you provided does not exist in our records.",
      {
        OSSAccessKeyId: id,
      },
    );
  }
  if ((token ?? undefined) !== credentials.securityToken) {
    throw new OssError(403, "InvalidSecurityToken", "The security token you provided is invalid.");
  }
  if (credentials.expiresAt !== undefined && context.now >= credentials.expiresAt) throw tokenExpired();
  return credentials;
}

export const tokenExpired = () =>
  new OssError(403, "SecurityTokenExpired", "The security token you provided has expired.");

function checkSkew(at: number, now: number): void {
  if (Math.abs(now - at) <= MAX_SKEW) return;
  throw new OssError(
    403,
    "RequestTimeTooSkewed",
    "The difference between the request time and the current time is too large.",
    {
      MaxAllowedSkewMilliseconds: MAX_SKEW,
      RequestTime: new Date(at).toISOString(),
      ServerTime: new Date(now).toISOString(),
    },
  );
}

function checkExpiry(expiresAt: number, now: number): void {
  if (now <= expiresAt) return;
  throw new OssError(403, "AccessDenied", "Request has expired.", {
    Expires: new Date(expiresAt).toISOString(),
    ServerTime: new Date(now).toISOString(),
  });
}

function compare(computed: Computed, provided: string, id: string): void {
  const expected = Buffer.from(computed.signature);
  const given = Buffer.from(provided);
  if (expected.length === given.length && timingSafeEqual(expected, given)) return;
  const bytes = Buffer.from(computed.stringToSign).toString("hex").toUpperCase();
  throw new OssError(
    403,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    {
      OSSAccessKeyId: id,
      SignatureProvided: provided,
      StringToSign: computed.stringToSign,
      StringToSignBytes: bytes.match(/../g)?.join(" ") ?? "",
      ...(computed.canonicalRequest === undefined ? {} : { CanonicalRequest: computed.canonicalRequest }),
    },
  );
}
