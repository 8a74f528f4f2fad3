import { type ObjectOptions, TransferError } from "@partwise/core/contract";
import { percentEncode, percentEncodePath } from "../encode.js";
import type { Place } from "../headers/places.js";
import { headersFor } from "../headers/route.js";
import type { Head, Reply } from "../http/answer.js";
import type { Ask, Client } from "../http/client.js";
import { printable } from "../text.js";

/** What the verbs share. */
export interface Context {
  readonly client: Client;
  readonly bucket: string;
  /** `oss://bucket/key`, for one line of a message. */
  locate(key: string): string;
  /** The headers of one request, those of the transport's own options included. */
  headers(place: Place, options: ObjectOptions | undefined): Record<string, string>;
}

export function createContext(client: Client, bucket: string, requestPayer: boolean): Context {
  const payer: Record<string, string> = requestPayer ? { "x-oss-request-payer": "requester" } : {};
  return {
    client,
    bucket,
    locate: (key) => `oss://${bucket}/${printable(key)}`,
    headers: (place, options) => ({ ...payer, ...headersFor(place, options) }),
  };
}

/** Reads an answer; one that cannot be understood becomes `rejected`, and for a write its outcome is unknown. */
export function understand<T>(ask: Ask, head: Head, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const why = cause instanceof Error ? printable(cause.message, 200) : "no reason";
    throw notUnderstood(ask, head, why, cause);
  }
}

export function notUnderstood(ask: Ask, head: Head, why: string, cause?: unknown): TransferError {
  const { requestId } = head.meta;
  return new TransferError(
    "rejected",
    `Could not ${ask.what}: the answer (HTTP ${head.status}) is not what OSS gives (${why}). Check that the endpoint is one of OSS.${requestId === undefined ? "" : ` Request id ${requestId}.`}`,
    {
      outcome: ask.writes ? "unknown" : "not-applied",
      details: { status: head.status },
      ...(cause === undefined ? {} : { cause }),
      ...(requestId === undefined ? {} : { requestId }),
    },
  );
}

/** The ETag of an answer's head; throws a plain `Error` when there is none. */
export function tagOf(head: Head): string {
  const tag = head.header("etag")?.replace(/^"(.*)"$/, "$1");
  if (tag === undefined || tag === "") throw new Error("no ETag");
  return tag;
}

/** The checksum of an answer's head, where there is one. */
export function checksumOf(head: Head): { readonly checksum?: { kind: "crc64ecma"; value: string } } {
  const value = head.header("x-oss-hash-crc64ecma");
  return value !== undefined && /^\d{1,20}$/.test(value) ? { checksum: { kind: "crc64ecma", value } } : {};
}

export function versionOf(head: Head): { readonly versionId?: string } {
  const versionId = head.header("x-oss-version-id");
  return versionId === undefined || versionId === "" ? {} : { versionId };
}

/** What became of a callback, where the request asked for one. */
export function callbackOf(ask: Ask, reply: Reply): { readonly callback?: { ok: boolean; answer: string } } {
  if (ask.headers?.["x-oss-callback"] === undefined) return {};
  return { callback: { ok: reply.status !== 203, answer: reply.text } };
}

/** A source of copying as OSS wants it: bucket and key encoded, slashes kept. */
export function copySource(bucket: string, key: string, versionId: string | undefined): string {
  const path = `/${bucket}/${percentEncodePath(key)}`;
  return versionId === undefined ? path : `${path}?versionId=${percentEncode(versionId)}`;
}
