import {
  type AbortSessionRequest,
  type Answer,
  type CallOptions,
  type CompleteSessionRequest,
  isTransferError,
  type OpenedSession,
  type OpenSessionRequest,
  type StoredObject,
} from "@partwise/core/contract";
import type { Ask } from "../http/client.js";
import { invalid } from "../invalid.js";
import { checkKey } from "../key.js";
import { readCompleted, readInitiated } from "../xml/documents.js";
import { writeComplete } from "../xml/write.js";
import { type Context, callbackOf, checksumOf, tagOf, understand, versionOf } from "./context.js";
import { checkNumber, checkSession } from "./parts.js";

export async function openSession(
  context: Context,
  { key, options }: OpenSessionRequest,
  { signal }: CallOptions,
): Promise<OpenedSession> {
  checkKey(key);
  const ask: Ask = {
    what: `open a session for ${context.locate(key)}`,
    method: "POST",
    key,
    query: { uploads: "", "encoding-type": "url" },
    headers: context.headers("open", options),
    writes: true,
    signal,
  };
  const reply = await context.client.send(ask);
  const { UploadId } = understand(ask, reply, () => readInitiated(reply.text));
  return { ...reply.meta, session: { key, id: UploadId } };
}

export async function completeSession(
  context: Context,
  { session, parts, options }: CompleteSessionRequest,
  { signal }: CallOptions,
): Promise<StoredObject> {
  checkSession(session);
  const { key, id } = session;
  const what = `complete the session of ${context.locate(key)}`;
  if (parts.length === 0) throw invalid(`Could not ${what}: there are no parts.`);
  let last = 0;
  for (const { number } of parts) {
    checkNumber(number, what);
    if (number <= last) throw invalid(`Could not ${what}: part ${number} comes after part ${last}.`);
    last = number;
  }
  const ask: Ask = {
    what,
    method: "POST",
    key,
    query: { uploadId: id, "encoding-type": "url" },
    headers: { ...context.headers("complete", options), "content-type": "application/xml" },
    body: writeComplete(parts),
    writes: true,
    signal,
  };
  const reply = await context.client.send(ask);
  return {
    ...reply.meta,
    key,
    size: parts.reduce((sum, part) => sum + part.size, 0),
    // With a callback the body is not OSS's.
    tag: understand(ask, reply, () =>
      reply.header("etag") === undefined ? readCompleted(reply.text).ETag : tagOf(reply),
    ),
    ...checksumOf(reply),
    ...versionOf(reply),
    ...callbackOf(ask, reply),
  };
}

export async function abortSession(
  context: Context,
  { session, options }: AbortSessionRequest,
  { signal }: CallOptions,
): Promise<Answer> {
  checkSession(session);
  try {
    const reply = await context.client.send({
      what: `abort the session of ${context.locate(session.key)}`,
      method: "DELETE",
      key: session.key,
      query: { uploadId: session.id },
      headers: context.headers("other", options),
      writes: true,
      signal,
    });
    return reply.meta;
  } catch (error) {
    if (!isTransferError(error, "session-gone")) throw error;
    return error.requestId === undefined ? {} : { requestId: error.requestId };
  }
}
