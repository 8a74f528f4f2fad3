import { isTransferError, type Outcome, type TransferError } from "@partwise/core/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CredentialSource } from "../credentials.js";
import type { Reply } from "./answer.js";
import { type Refused, refusal } from "./refusal.js";

const used = {
  accessKeyId: "id",
  accessKeySecret: "hush-secret-0123456789",
  securityToken: "hush-token-0123456789",
};
const signature = "5ecae0000000000000000000000000000000000000000000000000000000face";

const renewable: CredentialSource = {
  get: async () => used,
  invalidate: () => true,
  confirm: () => {},
};
const fixed: CredentialSource = { ...renewable, invalidate: () => false };

function reply(status: number, text: string, headers: Record<string, string> = {}, meta = {}): Reply {
  return { status, text, header: (name) => headers[name], meta };
}

function oss(code: string, more = "", message = "Words."): string {
  return `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message><RequestId>64AB00000000000000000001</RequestId>${more}</Error>`;
}

function refuse(answer: Reply, more: Partial<Refused> = {}): TransferError {
  return refusal(answer, {
    what: "put part 3 of oss://demo/key",
    writes: true,
    used,
    signature,
    source: renewable,
    learnTime: () => {},
    now: Date.UTC(2026, 0, 1),
    ...more,
  });
}

describe("codes of OSS", () => {
  it.each<[number, string, string, boolean]>([
    [403, "AccessDenied", "denied", false],
    [403, "SignatureDoesNotMatch", "denied", false],
    [403, "UserDisable", "denied", false],
    [403, "InvalidAccessKeyId", "credentials-expired", true],
    [403, "InvalidSecurityToken", "credentials-expired", true],
    [403, "SecurityTokenExpired", "credentials-expired", true],
    [404, "NoSuchBucket", "not-found", false],
    [404, "NoSuchKey", "not-found", false],
    [404, "NoSuchUpload", "session-gone", false],
    [400, "InvalidPart", "part-refused", false],
    [400, "InvalidPartOrder", "rejected", false],
    [400, "EntityTooSmall", "rejected", false],
    [400, "MalformedXML", "rejected", false],
    [400, "InvalidArgument", "rejected", false],
    [400, "InvalidDigest", "rejected", true],
    [400, "RequestTimeout", "timed-out", true],
    [409, "FileAlreadyExists", "already-exists", false],
    [409, "FileImmutable", "denied", false],
    [412, "PreconditionFailed", "object-changed", false],
    [416, "InvalidRange", "rejected", false],
    [429, "TooManyRequests", "rate-limited", true],
    [503, "UploadTrafficRateLimitExceeded", "rate-limited", true],
    [503, "QpsLimitExceeded", "rate-limited", true],
    [503, "ServiceUnavailable", "unavailable", true],
    [500, "InternalError", "unavailable", true],
    [400, "SomethingNew", "rejected", false],
    [403, "SomethingNew", "denied", false],
    [400, "constructor", "rejected", false],
  ])("%i %s is %s", (status, providerCode, code, retryable) => {
    const error = refuse(reply(status, oss(providerCode)));
    expect(error).toMatchObject({ code, retryable, requestId: "64AB00000000000000000001" });
    expect(error.details).toMatchObject({ status, providerCode, providerMessage: "Words." });
    expect(error.message).toMatch(
      new RegExp(`^Could not put part 3 of oss://demo/key: ${providerCode} \\(HTTP ${status}\\): Words\\.`),
    );
    expect(error.message).toContain("Request id 64AB00000000000000000001.");
  });

  it("calls an error in a 200 what it is", () => {
    expect(refuse(reply(200, oss("NoSuchUpload"))).code).toBe("session-gone");
  });

  it("says which part was refused", () => {
    expect(refuse(reply(400, oss("InvalidPart", "<PartNumber>7</PartNumber>"))).details).toMatchObject({
      partNumber: 7,
    });
  });

  it("names the right endpoint where OSS does", () => {
    const text = oss("AccessDenied", "<Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint>");
    expect(refuse(reply(403, text)).message).toContain("Use the endpoint oss-cn-beijing.aliyuncs.com.");
  });
});

describe("whether it was done", () => {
  it.each<[string, Reply, boolean, Outcome]>([
    ["a refusal", reply(403, oss("AccessDenied")), true, "not-applied"],
    ["a refusal without words", reply(403, ""), true, "not-applied"],
    ["too busy, says OSS", reply(503, oss("ServiceUnavailable")), true, "not-applied"],
    ["a gateway's page", reply(502, "<html>Bad gateway</html>"), true, "unknown"],
    ["a gateway without words", reply(504, ""), true, "unknown"],
    ["a gateway, for a read", reply(502, ""), false, "not-applied"],
    ["OSS does not know either", reply(500, oss("InternalError")), true, "unknown"],
    ["an unheard-of success", reply(202, ""), true, "unknown"],
    ["stored, callback failed", reply(203, oss("CallbackFailed")), true, "applied"],
  ])("%s", (_name, answer, writes, outcome) => {
    expect(refuse(answer, { writes }).outcome).toBe(outcome);
  });

  it.each<[number, string]>([
    [502, "unavailable"],
    [404, "not-found"],
    [403, "denied"],
    [429, "rate-limited"],
    [408, "timed-out"],
    [301, "rejected"],
    [418, "rejected"],
  ])("goes by the status %i when there is no code", (status, code) => {
    const error = refuse(reply(status, "<html><h1>hush page</h1></html>"));
    expect(error.code).toBe(code);
    expect(error.message).not.toContain("hush page");
  });
});

describe("time to wait", () => {
  it.each<[Record<string, string>, number | undefined]>([
    [{ "retry-after": "7" }, 7000],
    [{ "retry-after": "Thu, 01 Jan 2026 00:00:05 GMT" }, 5000],
    [{ "retry-after": "Wed, 31 Dec 2025 00:00:00 GMT" }, 0],
    [{ "x-oss-qos-delay-time": "250" }, 250],
    [{ "retry-after": "soon" }, undefined],
    [{ "retry-after": "-1" }, undefined],
    [{}, undefined],
  ])("%o", (headers, retryAfter) => {
    const error = refuse(reply(503, oss("ServiceUnavailable"), headers));
    expect((error.details as { retryAfter?: number }).retryAfter).toBe(retryAfter);
    expect(error.code).toBe(retryAfter === undefined ? "unavailable" : "rate-limited");
  });
});

describe("credentials", () => {
  it("are denied, not expired, when nothing can renew them", () => {
    const error = refuse(reply(403, oss("SecurityTokenExpired")), { source: fixed });
    expect(error).toMatchObject({ code: "denied", retryable: false });
    expect(error.message).toContain("Get new temporary credentials.");
  });

  it("explains a missing permission in the words of the verb", () => {
    const error = refuse(reply(403, ""), { deniedAdvice: "Looking needs oss:GetObject." });
    expect(error.message).toContain("Looking needs oss:GetObject.");
  });
});

describe("clock skew", () => {
  const skewed = (serverTime: string) =>
    oss("RequestTimeTooSkewed", `<ServerTime>${serverTime}</ServerTime>`);

  it.each<[string, Reply, number | undefined]>([
    [
      "from the error",
      reply(403, skewed("2026-05-01T00:00:00.500Z"), {}, { remoteTime: 5e12 }),
      Date.UTC(2026, 4, 1, 0, 0, 0, 500),
    ],
    [
      "from the answer's date",
      reply(403, oss("RequestTimeTooSkewed"), {}, { remoteTime: 1777593600000 }),
      1777593600000,
    ],
    ["not from 1970", reply(403, skewed("1970-01-01T00:00:00Z")), undefined],
    ["not from nonsense", reply(403, skewed("yesterday")), undefined],
  ])("is learned %s", (_name, answer, expected) => {
    let learned: number | undefined;
    const error = refuse(answer, {
      learnTime: (time) => {
        learned = time;
      },
    });
    expect(learned).toBe(expected);
    expect(error).toMatchObject({ code: "clock-skewed", retryable: expected !== undefined });
  });
});

describe("secrets", () => {
  it("are in no message and no detail, whatever the provider echoes", () => {
    const secret = fc.constantFrom(used.accessKeySecret, used.securityToken, signature);
    const words = fc.array(fc.oneof(secret, fc.string(), fc.constantFrom("<", "&amp;", "]]>")), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(
        fc.constantFrom("SignatureDoesNotMatch", "InvalidAccessKeyId", "AccessDenied", "Else"),
        words,
        words,
        fc.constantFrom(400, 403, 500, 503),
        (code, message, more, status) => {
          const text = oss(
            code,
            `<SignatureProvided>${signature}</SignatureProvided><StringToSign>${more.join("")}</StringToSign>`,
            message.join(""),
          );
          const error = refuse(reply(status, text));
          expect(isTransferError(error)).toBe(true);
          const shown = error.message + JSON.stringify(error.details) + String(error.cause);
          for (const each of [used.accessKeySecret, used.securityToken, signature])
            expect(shown).not.toContain(each);
          expect(error.message).not.toMatch(/[\r\n]/);
        },
      ),
    );
  });
});
