import {
  fileAlreadyExists,
  invalidArgument,
  noSuchBucket,
  noSuchKey,
  OssError,
  preconditionFailed,
} from "../http/errors.js";
import type { Exchange, Reply } from "../http/exchange.js";
import { parseTarget } from "../http/target.js";
import { element, isoTime, xmlDocument } from "../http/xml.js";
import type { Bucket } from "../store/bucket.js";
import type { ObjectHeaders, ObjectRecord } from "../store/records.js";
import {
  checkKey,
  encryptionHeaders,
  forbidsOverwrite,
  readAcl,
  readObjectHeaders,
  refuseEncryption,
} from "./attributes.js";
import { conditionsOf } from "./conditions.js";
import { bucketOf, keyOf, sessionOf } from "./find.js";
import { checkSequence, keepPart, partNumberOf, xmlReply } from "./session.js";

const MAX_COPY = 5 * 1024 ** 3;

export async function copyObject(exchange: Exchange): Promise<Reply> {
  const bucket = bucketOf(exchange);
  const key = keyOf(exchange);
  checkKey(key);
  const { from, source } = sourceOf(exchange);
  if (source.size > MAX_COPY)
    throw invalidArgument("CopyObject copies up to 5 GB.", "x-oss-copy-source", source.key);
  const check = () => {
    if (forbidsOverwrite(exchange.headers) && bucket.objects.has(key)) throw fileAlreadyExists();
  };
  const headers = headersOfCopy(exchange, source);
  const { blob: _blob, segments: _segments, ...facts } = source;
  const copy = { ...facts, key, modified: exchange.now(), acl: readAcl(exchange.headers), headers };
  await bucket.linkObject(source, from, copy, check);
  return xmlReply(result("CopyObjectResult", copy.etag, copy.modified), {
    ETag: `"${copy.etag}"`,
    "x-oss-hash-crc64ecma": copy.crc64,
    ...encryptionHeaders(headers),
  });
}

export async function uploadPartCopy(exchange: Exchange): Promise<Reply> {
  const bucket = bucketOf(exchange);
  const number = partNumberOf(exchange);
  refuseEncryption(exchange.headers);
  const session = sessionOf(exchange);
  checkSequence(session, number);
  const { from, source } = sourceOf(exchange);
  const { start, end } = rangeOf(exchange, source.size);
  const staged = await bucket.stage(from.readObject(source, start, end));
  const part = await keepPart(exchange, bucket, session, staged, number);
  return xmlReply(result("CopyPartResult", part.etag, part.modified), {
    ETag: `"${part.etag}"`,
    "x-oss-hash-crc64ecma": part.crc64,
  });
}

function sourceOf(exchange: Exchange): { from: Bucket; source: ObjectRecord } {
  const text = exchange.headers.get("x-oss-copy-source") ?? "";
  const { bucket = "", key = "", query } = parseTarget(text, undefined, {});
  if (bucket === "" || key === "") {
    throw invalidArgument("x-oss-copy-source must be /bucket/key.", "x-oss-copy-source", text);
  }
  if (query.has("versionId"))
    throw new OssError(501, "NotImplemented", "This emulator does not implement versions.");
  const from = exchange.state.disk.buckets.get(bucket);
  if (!from) throw noSuchBucket(bucket);
  const source = from.objects.get(key);
  if (!source) throw noSuchKey(key);
  if (conditionsOf(exchange.headers, source, "x-oss-copy-source-") === "notModified") {
    throw preconditionFailed("x-oss-copy-source-if-none-match or -if-modified-since");
  }
  return { from, source };
}

function rangeOf(exchange: Exchange, size: number): { start: number; end: number } {
  const text = exchange.headers.get("x-oss-copy-source-range");
  if (text === undefined) return { start: 0, end: size };
  const match = /^bytes=(\d+)-(\d*)$/.exec(text);
  if (!match) throw invalidArgument("The copy range must be bytes=a-b.", "x-oss-copy-source-range", text);
  const start = Number(match[1]);
  const end = match[2] === "" ? size : Number(match[2]) + 1;
  if (start < end && end <= size) return { start, end };
  throw new OssError(416, "InvalidRange", "The requested range cannot be satisfied.", {
    ActualObjectSize: size,
  });
}

/** What the copy carries: the source's headers and tags, or the request's where a directive says REPLACE. */
function headersOfCopy(exchange: Exchange, source: ObjectRecord): ObjectHeaders {
  const given = readObjectHeaders(exchange.headers);
  const replaces = (name: string) => exchange.headers.get(name)?.toUpperCase() === "REPLACE";
  const { "x-oss-tagging": tags, ...described } = source.headers;
  const headers: Record<string, string> = replaces("x-oss-metadata-directive")
    ? { ...given }
    : { ...described };
  for (const name of Object.keys(given)) {
    if (name === "x-oss-storage-class" || name.startsWith("x-oss-server-side-")) headers[name] = given[name]!;
  }
  delete headers["x-oss-tagging"];
  const tagging = replaces("x-oss-tagging-directive") ? given["x-oss-tagging"] : tags;
  if (tagging !== undefined) headers["x-oss-tagging"] = tagging;
  return headers;
}

function result(root: string, etag: string, modified: number): string {
  return xmlDocument(root, [element("LastModified", isoTime(modified)), element("ETag", `"${etag}"`)]);
}
