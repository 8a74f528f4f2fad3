import type { Exchange, Reply } from "../http/exchange.js";
import type { ObjectRecord } from "../store/records.js";
import { shownHeaders } from "./attributes.js";
import { conditionsOf } from "./conditions.js";
import { bucketOf, objectOf } from "./find.js";
import { readRange } from "./range.js";

const OVERRIDES = [
  "content-type",
  "content-language",
  "expires",
  "cache-control",
  "content-disposition",
  "content-encoding",
];

export async function headObject(exchange: Exchange): Promise<Reply> {
  const object = objectOf(exchange);
  if (conditionsOf(exchange.headers, object) === "notModified") return notModified(object);
  return { status: 200, headers: { ...describe(object), "Content-Length": String(object.size) } };
}

/** HEAD or GET with `objectMeta`: the few facts that are cheap; conditions do not count. */
export async function getObjectMeta(exchange: Exchange): Promise<Reply> {
  const object = objectOf(exchange);
  const headers = {
    ...identity(object),
    "Content-Length": exchange.entry.method === "HEAD" ? String(object.size) : "0",
  };
  return { status: 200, headers };
}

export async function getObject(exchange: Exchange): Promise<Reply> {
  const object = objectOf(exchange);
  const bucket = bucketOf(exchange);
  if (conditionsOf(exchange.headers, object) === "notModified") return notModified(object);
  const standard = exchange.headers.get("x-oss-range-behavior") === "standard";
  const range = readRange(exchange.headers.get("range"), object.size, standard);
  const { start, end } = range === "whole" ? { start: 0, end: object.size } : range;
  const headers: Record<string, string | undefined> = describe(object);
  for (const name of OVERRIDES) {
    const value = exchange.query.get(`response-${name}`);
    if (value) headers[name] = value;
  }
  if (range !== "whole") headers["Content-Range"] = `bytes ${start}-${end - 1}/${object.size}`;
  return {
    status: range === "whole" ? 200 : 206,
    headers,
    body: { length: end - start, stream: bucket.readObject(object, start, end) },
  };
}

function identity(object: ObjectRecord): Record<string, string> {
  return {
    ETag: `"${object.etag}"`,
    "Last-Modified": new Date(object.modified).toUTCString(),
    "x-oss-hash-crc64ecma": object.crc64,
  };
}

function describe(object: ObjectRecord): Record<string, string> {
  return {
    ...shownHeaders(object.headers),
    ...identity(object),
    "x-oss-object-type": object.type,
    "Accept-Ranges": "bytes",
    ...(object.md5 === undefined ? {} : { "Content-MD5": object.md5 }),
  };
}

function notModified(object: ObjectRecord): Reply {
  return { status: 304, headers: identity(object) };
}
