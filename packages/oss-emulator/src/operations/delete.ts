import { createHash } from "node:crypto";
import { malformedXml, OssError } from "../http/errors.js";
import type { Exchange, Reply } from "../http/exchange.js";
import { asList, element, isRecord, parseXml, textOf, xmlDocument } from "../http/xml.js";
import { bucketOf, keyOf } from "./find.js";
import { encodingElements, shownKey, xmlReply } from "./session.js";

/** 204, whether or not there was an object. */
export async function deleteObject(exchange: Exchange): Promise<Reply> {
  await bucketOf(exchange).deleteObject(keyOf(exchange));
  return { status: 204 };
}

export async function deleteMultipleObjects(exchange: Exchange): Promise<Reply> {
  const bucket = bucketOf(exchange);
  const text = await exchange.text(2 * 1024 * 1024);
  const wanted = exchange.headers.get("content-md5");
  if (wanted !== undefined && wanted !== createHash("md5").update(text).digest("base64")) {
    throw new OssError(400, "InvalidDigest", "The Content-MD5 you specified was invalid.");
  }
  const root = parseXml(text)?.Delete;
  if (!isRecord(root)) throw malformedXml();
  const keys = asList(root.Object).map((item) => (isRecord(item) ? textOf(item.Key) : ""));
  if (keys.length === 0 || keys.length > 1000 || keys.includes("")) throw malformedXml();
  for (const key of keys) await bucket.deleteObject(key);
  const quiet = textOf(root.Quiet).trim() === "true";
  const deleted = keys.map((key) => `<Deleted>${element("Key", shownKey(exchange, key))}</Deleted>`);
  return xmlReply(xmlDocument("DeleteResult", [...encodingElements(exchange), ...(quiet ? [] : deleted)]));
}
