import { type Outcome, type RemoteDetails, TransferError } from "@partwise/core/contract";
import type { CredentialSource, Credentials } from "../credentials.js";
import { type Meaning, meaningOf } from "../errors.js";
import { printable, redact } from "../text.js";
import { type ErrorDocument, readError } from "../xml/documents.js";
import { plausibleTime, type Reply } from "./answer.js";

/** What a refusal is judged with. */
export interface Refused {
  /** `put part 3 of oss://bucket/key` */
  readonly what: string;
  readonly writes: boolean;
  readonly used: Credentials;
  /** Signature of the request: providers echo it. */
  readonly signature: string;
  readonly source: CredentialSource;
  /** Said in place of the general advice when permission is missing. */
  readonly deniedAdvice?: string | undefined;
  /** Told the remote's time when our clock is wrong; says whether it helps. */
  readonly learnTime: (remoteTime: number) => void;
  readonly now: number;
}

/** The error for an answer that says no. */
export function refusal(reply: Reply, refused: Refused): TransferError {
  const document = readError(reply.text);
  const code = providerCode(document);
  const retryAfter = retryAfterOf(reply, refused.now);
  const meaning = settle(meaningOf(reply.status, code, retryAfter !== undefined), reply, document, refused);
  const providerMessage = messageOf(document, refused);
  const requestId = reply.meta.requestId ?? idOf(document?.RequestId);
  const part = document?.PartNumber;
  const details: RemoteDetails & { partNumber?: number } = {
    status: reply.status,
    ...(code === undefined ? {} : { providerCode: code }),
    ...(providerMessage === undefined ? {} : { providerMessage }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(part !== undefined && /^\d{1,5}$/.test(part) ? { partNumber: Number(part) } : {}),
  };
  return new TransferError(
    meaning.code,
    [
      `Could not ${refused.what}: ${code ?? "an answer without an OSS error"} (HTTP ${reply.status})`,
      providerMessage === undefined ? "." : `: ${providerMessage.replace(/[.\s]*$/, ".")}`,
      meaning.advice === undefined ? "" : ` ${meaning.advice}`,
      requestId === undefined ? "" : ` Request id ${requestId}.`,
    ].join(""),
    {
      outcome: outcomeOf(reply.status, code, document !== undefined, refused.writes),
      details: details as RemoteDetails & Record<string, string | number>,
      ...(meaning.retryable === undefined ? {} : { retryable: meaning.retryable }),
      ...(requestId === undefined ? {} : { requestId }),
    },
  );
}

/** Answers that depend on what we know beside the code: credentials, clock, endpoint. */
function settle(
  meaning: Meaning,
  reply: Reply,
  document: ErrorDocument | undefined,
  refused: Refused,
): Meaning {
  if (meaning.code === "credentials-expired") {
    if (refused.source.invalidate(refused.used)) return meaning;
    return { code: "denied", advice: `${meaning.advice} These credentials cannot be renewed from here.` };
  }
  if (meaning.code === "clock-skewed") {
    const told = document?.ServerTime === undefined ? undefined : Date.parse(document.ServerTime);
    const remoteTime = plausibleTime(told) ?? reply.meta.remoteTime;
    if (remoteTime === undefined) return { ...meaning, retryable: false };
    refused.learnTime(remoteTime);
    return meaning;
  }
  if (meaning.code === "denied" && document?.Endpoint !== undefined && /^[\w.:-]+$/.test(document.Endpoint))
    return { ...meaning, advice: `Use the endpoint ${document.Endpoint}.` };
  if (meaning.code === "denied" && document?.Code !== "SignatureDoesNotMatch" && refused.deniedAdvice)
    return { ...meaning, advice: refused.deniedAdvice };
  return meaning;
}

/** A gateway's error page says nothing of what OSS did; nor does OSS's own "internal error". */
function outcomeOf(status: number, code: string | undefined, fromOss: boolean, writes: boolean): Outcome {
  if (!writes) return "not-applied";
  if (code === "CallbackFailed") return "applied";
  const lost = (status >= 500 && !fromOss) || code === "InternalError" || (status < 300 && !fromOss);
  return lost ? "unknown" : "not-applied";
}

function providerCode(document: ErrorDocument | undefined): string | undefined {
  return document !== undefined && /^[\w.-]{1,80}$/.test(document.Code) ? document.Code : undefined;
}

/** The provider's words, without what it may have echoed. */
function messageOf(document: ErrorDocument | undefined, { used, signature }: Refused): string | undefined {
  if (document?.Message === undefined || document.Message === "") return undefined;
  const clean = redact(document.Message, [used.accessKeySecret, used.securityToken, signature]);
  return printable(clean, 300);
}

function idOf(id: string | undefined): string | undefined {
  return id !== undefined && /^[\w-]{1,128}$/.test(id) ? id : undefined;
}

/** Milliseconds the remote asks to wait: `Retry-After` in seconds or as a date, else OSS's own header. */
function retryAfterOf(reply: Reply, now: number): number | undefined {
  const after = reply.header("retry-after");
  if (after !== undefined) {
    if (/^\d{1,6}$/.test(after)) return Number(after) * 1000;
    const date = plausibleTime(Date.parse(after));
    if (date !== undefined) return Math.max(0, date - (reply.meta.remoteTime ?? now));
  }
  const delay = reply.header("x-oss-qos-delay-time");
  return delay !== undefined && /^\d{1,9}$/.test(delay) ? Number(delay) : undefined;
}
