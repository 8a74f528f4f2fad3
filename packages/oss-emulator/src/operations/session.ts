import { randomBytes } from "node:crypto";
import { fileAlreadyExists, invalidArgument, noSuchUpload, OssError } from "../http/errors.js";
import type { Exchange, Reply } from "../http/exchange.js";
import { element, percentEncode, xmlDocument } from "../http/xml.js";
import type { Bucket } from "../store/bucket.js";
import type { Staged } from "../store/ingest.js";
import type { PartRecord } from "../store/records.js";
import type { Session } from "../store/session.js";
import {
  checkKey,
  encryptionHeaders,
  forbidsOverwrite,
  readObjectHeaders,
  refuseEncryption,
} from "./attributes.js";
import { bucketOf, keyOf, sessionOf } from "./find.js";
import { receipt, receive } from "./receive.js";

const MAX_PART_NUMBER = 10_000;

export async function initiateMultipartUpload(exchange: Exchange): Promise<Reply> {
  const bucket = bucketOf(exchange);
  const key = keyOf(exchange);
  checkKey(key);
  const headers = readObjectHeaders(exchange.headers);
  if (forbidsOverwrite(exchange.headers) && bucket.objects.has(key)) throw fileAlreadyExists();
  const uploadId = randomBytes(16).toString("hex").toUpperCase();
  const sequential = exchange.query.has("sequential");
  await bucket.openSession({ uploadId, key, initiated: exchange.now(), headers, sequential });
  const body = xmlDocument("InitiateMultipartUploadResult", [
    ...encodingElements(exchange),
    element("Bucket", bucket.name),
    element("Key", shownKey(exchange, key)),
    element("UploadId", uploadId),
  ]);
  return xmlReply(body, encryptionHeaders(headers));
}

export async function uploadPart(exchange: Exchange): Promise<Reply> {
  const bucket = bucketOf(exchange);
  const number = partNumberOf(exchange);
  refuseEncryption(exchange.headers);
  const session = sessionOf(exchange);
  checkSequence(session, number);
  const staged = await receive(exchange, bucket);
  await keepPart(exchange, bucket, session, staged, number);
  return { status: 200, headers: { ...receipt(staged), ...encryptionHeaders(session.record.headers) } };
}

export async function abortMultipartUpload(exchange: Exchange): Promise<Reply> {
  await bucketOf(exchange).dropSession(sessionOf(exchange));
  return { status: 204 };
}

export function partNumberOf(exchange: Exchange): number {
  const text = exchange.query.get("partNumber") ?? "";
  const number = Number(text);
  if (!/^\d{1,6}$/.test(text) || number < 1 || number > MAX_PART_NUMBER) {
    throw invalidArgument(
      "Part number must be an integer between 1 and 10000, inclusive.",
      "partNumber",
      text,
    );
  }
  return number;
}

/** Adds a staged part, unless the session has ended meanwhile or wants another part first. */
export async function keepPart(
  exchange: Exchange,
  bucket: Bucket,
  session: Session,
  staged: Staged,
  number: number,
): Promise<PartRecord> {
  try {
    checkSequence(session, number);
  } catch (error) {
    await bucket.discard(staged);
    throw error;
  }
  const part = await bucket.putPart(session, staged, number, exchange.now());
  if (!part) throw noSuchUpload(session.uploadId);
  return part;
}

/** Whether the real service lets the newest part of a sequential upload be sent again is not confirmed; here not. */
export function checkSequence(session: Session, number: number): void {
  if (!session.record.sequential || number === session.partCount + 1) return;
  throw new OssError(400, "PartNotSequential", "The part number of this sequential upload is out of order.", {
    PartNumber: number,
    UploadId: session.uploadId,
  });
}

export function xmlReply(body: string, headers: Record<string, string | undefined> = {}): Reply {
  return { status: 200, headers: { "Content-Type": "application/xml", ...headers }, body };
}

/** `EncodingType`, when the request asked for encoded names. */
export function encodingElements(exchange: Exchange): string[] {
  const encoding = exchange.query.get("encoding-type");
  if (encoding === undefined) return [];
  if (encoding !== "url") throw invalidArgument("The encoding-type must be url.", "encoding-type", encoding);
  return [element("EncodingType", "url")];
}

/** A name as the answer shows it: percent-encoded if the request asked for that. */
export function shownKey(exchange: Exchange, key: string): string {
  return exchange.query.get("encoding-type") === "url" ? percentEncode(key, true) : key;
}
