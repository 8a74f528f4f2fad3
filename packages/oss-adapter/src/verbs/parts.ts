import {
  type CallOptions,
  type CopyPartRequest,
  type PartAnswer,
  type PutPartRequest,
  rangeSize,
  type Session,
} from "@partwise/core/contract";
import type { Ask } from "../http/client.js";
import { invalid } from "../invalid.js";
import { checkKey } from "../key.js";
import { limits } from "../limits.js";
import { readCopied } from "../xml/documents.js";
import { type Context, checksumOf, copySource, tagOf, understand } from "./context.js";

export async function putPart(
  context: Context,
  { session, number, body, options }: PutPartRequest,
  { signal }: CallOptions,
): Promise<PartAnswer> {
  checkSession(session);
  const what = `put part ${number} of ${context.locate(session.key)}`;
  checkNumber(number, what);
  const ask: Ask = {
    what,
    method: "PUT",
    key: session.key,
    query: { partNumber: String(number), uploadId: session.id },
    headers: context.headers("part", options),
    body,
    writes: true,
    signal,
  };
  const reply = await context.client.send(ask);
  const tag = understand(ask, reply, () => tagOf(reply));
  return { ...reply.meta, receipt: { number, size: body.size, tag, ...checksumOf(reply) } };
}

export async function copyPart(
  context: Context,
  { session, number, from, options }: CopyPartRequest,
  { signal }: CallOptions,
): Promise<PartAnswer> {
  checkSession(session);
  checkKey(from.key);
  const what = `copy part ${number} of ${context.locate(session.key)}`;
  checkNumber(number, what);
  const size = rangeSize(from.range);
  if (!(size > 0)) throw invalid(`Could not ${what}: the range is empty.`);
  const ask: Ask = {
    what,
    method: "PUT",
    key: session.key,
    query: { partNumber: String(number), uploadId: session.id },
    headers: {
      ...context.headers("copy", options),
      "x-oss-copy-source": copySource(from.bucket ?? context.bucket, from.key, from.versionId),
      "x-oss-copy-source-range": `bytes=${from.range.start}-${from.range.end - 1}`,
      ...(from.tag === undefined ? {} : { "x-oss-copy-source-if-match": `"${from.tag}"` }),
    },
    writes: true,
    signal,
  };
  const reply = await context.client.send(ask);
  const { ETag } = understand(ask, reply, () => readCopied(reply.text));
  return { ...reply.meta, receipt: { number, size, tag: ETag, ...checksumOf(reply) } };
}

export function checkNumber(number: number, what: string): void {
  if (!Number.isInteger(number) || number < 1 || number > limits.parts)
    throw invalid(`Could not ${what}: a part number is 1 to ${limits.parts}.`);
}

export function checkSession(session: Session): void {
  checkKey(session.key);
  if (session.id === "") throw invalid("The session has no id.");
}
