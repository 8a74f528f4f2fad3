import {
  type CallOptions,
  type FindObjectRequest,
  isTransferError,
  type PutObjectRequest,
  type StoredObject,
  TransferError,
} from "@partwise/core/contract";
import type { Head } from "../http/answer.js";
import type { Ask } from "../http/client.js";
import { checkKey } from "../key.js";
import { limits } from "../limits.js";
import { type Context, callbackOf, checksumOf, tagOf, understand, versionOf } from "./context.js";

export async function putObject(
  context: Context,
  { key, body, options }: PutObjectRequest,
  { signal }: CallOptions,
): Promise<StoredObject> {
  checkKey(key);
  if (body.size > limits.putObject)
    throw new TransferError(
      "too-large",
      `${context.locate(key)} would have ${body.size} bytes; one request carries at most ${limits.putObject}. Send it in parts.`,
    );
  const ask: Ask = {
    what: `put ${context.locate(key)}`,
    method: "PUT",
    key,
    headers: context.headers("put", options),
    body,
    writes: true,
    signal,
  };
  const reply = await context.client.send(ask);
  return {
    ...reply.meta,
    key,
    size: body.size,
    tag: understand(ask, reply, () => tagOf(reply)),
    ...checksumOf(reply),
    ...versionOf(reply),
    ...callbackOf(ask, reply),
  };
}

export async function findObject(
  context: Context,
  { key, versionId, options }: FindObjectRequest,
  { signal }: CallOptions,
): Promise<StoredObject | undefined> {
  checkKey(key);
  const ask: Ask = {
    what: `look for ${context.locate(key)}`,
    method: "HEAD",
    key,
    query: versionId === undefined ? {} : { versionId },
    headers: context.headers("other", options),
    writes: false,
    deniedAdvice:
      "Looking at an object needs the permission oss:GetObject; credentials that may only write cannot do it.",
    signal,
  };
  try {
    const reply = await context.client.send(ask);
    return { ...reply.meta, key, ...understand(ask, reply, () => described(reply)) };
  } catch (error) {
    // Answers to HEAD often have no code: then 404 is about the object.
    if (isTransferError(error, "not-found") && error.details.providerCode !== "NoSuchBucket")
      return undefined;
    throw error;
  }
}

/** An object by the head of an answer that reads it whole. */
function described(head: Head): Omit<StoredObject, "key"> {
  const size = head.header("content-length");
  if (size === undefined || !/^\d{1,16}$/.test(size)) throw new Error("no Content-Length");
  const modifiedAt = Date.parse(head.header("last-modified") ?? "");
  return {
    size: Number(size),
    tag: tagOf(head),
    ...checksumOf(head),
    ...(Number.isNaN(modifiedAt) ? {} : { modifiedAt }),
    ...versionOf(head),
  };
}
