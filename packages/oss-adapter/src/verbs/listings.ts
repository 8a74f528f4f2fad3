import type {
  CallOptions,
  ListedSession,
  ListPartsRequest,
  ListSessionsRequest,
  PartsPage,
  Receipt,
  SessionsPage,
} from "@partwise/core/contract";
import type { Reply } from "../http/answer.js";
import type { Ask } from "../http/client.js";
import { PAGE } from "../limits.js";
import { type PartsDocument, readParts, readUploads, type UploadsDocument } from "../xml/documents.js";
import { type Context, notUnderstood, understand } from "./context.js";
import { checkSession } from "./parts.js";

export async function* listParts(
  context: Context,
  { session, after = 0, options }: ListPartsRequest,
  { signal }: CallOptions,
): AsyncGenerator<PartsPage> {
  checkSession(session);
  const headers = context.headers("other", options);
  let marker = after;
  for (;;) {
    const ask: Ask = {
      what: `list the parts of ${context.locate(session.key)}`,
      method: "GET",
      key: session.key,
      query: {
        uploadId: session.id,
        "max-parts": String(PAGE),
        "part-number-marker": String(marker),
        "encoding-type": "url",
      },
      headers,
      writes: false,
      deniedAdvice:
        "Listing parts needs the permission oss:ListParts; credentials that may only write cannot do it.",
      signal,
    };
    const reply = await context.client.send(ask);
    const document = understand(ask, reply, () => readParts(reply.text));
    const parts = receipts(ask, reply, document, marker);
    yield { ...reply.meta, parts };
    if (!document.IsTruncated) return;
    marker = nextMarker(ask, reply, document, marker);
  }
}

function receipts(ask: Ask, reply: Reply, document: PartsDocument, marker: number): Receipt[] {
  let last = marker;
  return (document.Part ?? []).map(({ PartNumber, Size, ETag, HashCrc64ecma }) => {
    if (PartNumber <= last) throw notUnderstood(ask, reply, `part ${PartNumber} after ${last}`);
    last = PartNumber;
    return {
      number: PartNumber,
      size: Size,
      tag: ETag,
      ...(HashCrc64ecma === undefined ? {} : { checksum: { kind: "crc64ecma", value: HashCrc64ecma } }),
    };
  });
}

function nextMarker(ask: Ask, reply: Reply, document: PartsDocument, marker: number): number {
  const next = Number(document.NextPartNumberMarker ?? "");
  if (!Number.isInteger(next) || next <= marker)
    throw notUnderstood(ask, reply, "the listing does not go on");
  return next;
}

export async function* listSessions(
  context: Context,
  { prefix, options }: ListSessionsRequest,
  { signal }: CallOptions,
): AsyncGenerator<SessionsPage> {
  const headers = context.headers("other", options);
  let marker: { readonly key: string; readonly id: string } | undefined;
  for (;;) {
    const ask: Ask = {
      what: `list the sessions of oss://${context.bucket}/`,
      method: "GET",
      query: {
        uploads: "",
        "max-uploads": String(PAGE),
        "encoding-type": "url",
        ...(prefix ? { prefix } : {}),
        ...(marker === undefined ? {} : { "key-marker": marker.key, "upload-id-marker": marker.id }),
      },
      headers,
      writes: false,
      deniedAdvice: "Listing sessions needs the permission oss:ListMultipartUploads on the bucket.",
      signal,
    };
    const reply = await context.client.send(ask);
    const document = understand(ask, reply, () => readUploads(reply.text));
    yield { ...reply.meta, sessions: sessions(document) };
    if (!document.IsTruncated) return;
    const next = { key: document.NextKeyMarker ?? "", id: document.NextUploadIdMarker ?? "" };
    const order = Buffer.compare(Buffer.from(next.key), Buffer.from(marker?.key ?? ""));
    if (order < 0 || (order === 0 && next.id === (marker?.id ?? "")))
      throw notUnderstood(ask, reply, "the listing does not go on");
    marker = next;
  }
}

function sessions(document: UploadsDocument): ListedSession[] {
  return (document.Upload ?? []).map(({ Key, UploadId, Initiated }) => ({
    key: Key,
    id: UploadId,
    openedAt: Initiated,
  }));
}
