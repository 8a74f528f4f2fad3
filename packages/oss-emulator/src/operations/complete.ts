import { createHash } from "node:crypto";
import { fileAlreadyExists, invalidArgument, malformedXml, OssError } from "../http/errors.js";
import type { Exchange, Reply } from "../http/exchange.js";
import { asList, element, isRecord, parseXml, percentEncode, textOf, xmlDocument } from "../http/xml.js";
import type { Bucket } from "../store/bucket.js";
import { combineCrc64 } from "../store/crc64.js";
import type { PartRecord } from "../store/records.js";
import type { Session } from "../store/session.js";
import { forbidsOverwrite, readAcl, refuseEncryption } from "./attributes.js";
import { callBack, readCallback } from "./callback.js";
import { bucketOf, sessionOf } from "./find.js";
import { encodingElements, shownKey, xmlReply } from "./session.js";

/** Room for 10,000 parts. */
const MAX_BODY = 1_572_864;

export async function completeMultipartUpload(exchange: Exchange): Promise<Reply> {
  const bucket = bucketOf(exchange);
  refuseEncryption(exchange.headers);
  const callback = readCallback(exchange);
  const acl = readAcl(exchange.headers);
  const session = sessionOf(exchange);
  const text = await exchange.text(MAX_BODY);
  checkDigest(exchange, text);
  const parts = choose(exchange, session, text);
  const check = () => {
    if (forbidsOverwrite(exchange.headers) && bucket.objects.has(session.key)) throw fileAlreadyExists();
  };
  check();
  // Another Complete or an Abort may have come while the body was read; `sessionOf` says so.
  sessionOf(exchange).closed = true;
  try {
    const object = await describe(exchange, bucket, session, parts, acl);
    await bucket.completeSession(session, parts, object, check);
    const reply = xmlReply(completed(exchange, bucket, object.key, object.etag), {
      ETag: `"${object.etag}"`,
      "x-oss-hash-crc64ecma": object.crc64,
    });
    return callback ? callBack(exchange, callback, object, reply) : reply;
  } catch (error) {
    if (bucket.sessions.has(session.uploadId)) session.closed = false;
    throw error;
  }
}

function checkDigest(exchange: Exchange, text: string): void {
  const wanted = exchange.headers.get("content-md5");
  if (wanted === undefined || wanted === createHash("md5").update(text).digest("base64")) return;
  throw new OssError(400, "InvalidDigest", "The Content-MD5 you specified was invalid.");
}

function choose(exchange: Exchange, session: Session, text: string): PartRecord[] {
  const all = exchange.headers.get("x-oss-complete-all");
  if (all !== undefined && all !== "yes") {
    throw invalidArgument("x-oss-complete-all must be yes.", "x-oss-complete-all", all);
  }
  if (all !== undefined && text !== "") {
    const message = "Should not specify both complete all header and http body.";
    throw invalidArgument(message, "x-oss-complete-all", all, "0042-00000216");
  }
  const parts = all === undefined ? listed(session, text) : session.parts();
  if (parts.length === 0) throw malformedXml("You must specify at least one part.");
  const least = exchange.state.settings.minPartSize;
  for (const part of parts.slice(0, -1)) {
    if (part.size >= least) continue;
    throw new OssError(400, "EntityTooSmall", "Your proposed upload smaller than the minimum allowed size.", {
      ProposedSize: part.size,
      MinSizeAllowed: least,
      PartNumber: part.number,
      ETag: `"${part.etag}"`,
    });
  }
  return parts;
}

/** The parts that the body lists, checked against what was uploaded. */
function listed(session: Session, text: string): PartRecord[] {
  const root = parseXml(text)?.CompleteMultipartUpload;
  if (!isRecord(root)) throw malformedXml();
  const wanted = asList(root.Part).map((item) => {
    const number = isRecord(item) ? textOf(item.PartNumber).trim() : "";
    const etag = isRecord(item) ? textOf(item.ETag).trim() : "";
    if (!/^\d{1,6}$/.test(number) || etag === "") throw malformedXml();
    return { number: Number(number), etag };
  });
  wanted.forEach(({ number }, index) => {
    if (index === 0 || number > wanted[index - 1]!.number) return;
    throw new OssError(
      400,
      "InvalidPartOrder",
      "The list of parts was not in ascending order. The parts list must be specified in order by part number.",
      { PartNumber: number, UploadId: session.uploadId },
    );
  });
  return wanted.map(({ number, etag }) => {
    const part = session.part(number);
    if (part && part.etag === etag.replace(/^"(.*)"$/, "$1").toUpperCase()) return part;
    throw new OssError(
      400,
      "InvalidPart",
      "One or more of the specified parts could not be found or the specified entity tag might not have matched the part's entity tag.",
      { ETag: etag, PartNumber: number, UploadId: session.uploadId },
    );
  });
}

async function describe(
  exchange: Exchange,
  bucket: Bucket,
  session: Session,
  parts: readonly PartRecord[],
  acl: string,
) {
  const digests = createHash("md5");
  for (const part of parts) digests.update(Buffer.from(part.etag, "hex"));
  const crc64 = combineCrc64(parts.map((part) => ({ crc64: BigInt(part.crc64), size: part.size })));
  return {
    key: session.key,
    size: parts.reduce((sum, part) => sum + part.size, 0),
    // The real formula is not published; this one has the right shape.
    etag: `${digests.digest("hex").toUpperCase()}-${parts.length}`,
    ...(session.record.sequential ? { md5: await digestOf(bucket, session, parts) } : {}),
    crc64: crc64.toString(),
    type: "Multipart" as const,
    modified: exchange.now(),
    acl,
    headers: session.record.headers,
  };
}

async function digestOf(bucket: Bucket, session: Session, parts: readonly PartRecord[]): Promise<string> {
  const md5 = createHash("md5");
  for await (const bytes of bucket.readParts(session, parts)) md5.update(bytes);
  return md5.digest("base64");
}

function completed(exchange: Exchange, bucket: Bucket, key: string, etag: string): string {
  const host = exchange.headers.get("host") ?? "localhost";
  return xmlDocument("CompleteMultipartUploadResult", [
    ...encodingElements(exchange),
    element("Location", `http://${host}/${percentEncode(key, true)}`),
    element("Bucket", bucket.name),
    element("Key", shownKey(exchange, key)),
    element("ETag", `"${etag}"`),
  ]);
}
