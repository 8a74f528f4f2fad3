import type { Exchange, Reply } from "../http/exchange.js";
import { element, isoTime, xmlDocument } from "../http/xml.js";
import { bucketOf, expired, numberOf, sessionOf } from "./find.js";
import { byBytes, commonPrefix, prefixElements } from "./names.js";
import { encodingElements, shownKey, xmlReply } from "./session.js";

export async function listParts(exchange: Exchange): Promise<Reply> {
  const session = sessionOf(exchange);
  const { pageSize, partChecksums } = exchange.state.settings;
  const wanted = numberOf(exchange, "max-parts", 1000, 1, 1000);
  const marker = numberOf(exchange, "part-number-marker", 0, 0, 2_147_483_647);
  const rest = session.parts().filter((part) => part.number > marker);
  const page = rest.slice(0, Math.min(wanted, pageSize));
  const body = xmlDocument("ListPartsResult", [
    ...encodingElements(exchange),
    element("Bucket", exchange.target.bucket),
    element("Key", shownKey(exchange, session.key)),
    element("UploadId", session.uploadId),
    element("StorageClass", session.record.headers["x-oss-storage-class"] ?? "Standard"),
    element("PartNumberMarker", marker),
    element("NextPartNumberMarker", page.at(-1)?.number ?? marker),
    element("MaxParts", wanted),
    element("IsTruncated", page.length < rest.length),
    ...page.map((part) => {
      const fields = [
        element("PartNumber", part.number),
        element("LastModified", isoTime(part.modified)),
        element("ETag", `"${part.etag}"`),
        ...(partChecksums ? [element("HashCrc64ecma", part.crc64)] : []),
        element("Size", part.size),
      ];
      return `<Part>${fields.join("")}</Part>`;
    }),
  ]);
  return xmlReply(body);
}

export async function listMultipartUploads(exchange: Exchange): Promise<Reply> {
  const bucket = bucketOf(exchange);
  const { query } = exchange;
  const wanted = numberOf(exchange, "max-uploads", 1000, 1, 1000);
  const limit = Math.min(wanted, exchange.state.settings.pageSize);
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const keyMarker = query.get("key-marker") ?? "";
  const idMarker = keyMarker === "" ? "" : (query.get("upload-id-marker") ?? "");
  const sessions = [...bucket.sessions.values()]
    .filter((session) => !session.closed && session.key.startsWith(prefix) && !expired(exchange, session))
    .sort((a, b) => byBytes(a.key, b.key) || byBytes(a.uploadId, b.uploadId));
  const uploads: string[] = [];
  const prefixes = new Set<string>();
  let next = { key: keyMarker, id: idMarker };
  let truncated = false;
  for (const session of sessions) {
    const common = commonPrefix(session.key, prefix, delimiter);
    const order = byBytes(common ?? session.key, keyMarker);
    const listed =
      order < 0 || (order === 0 && (common !== undefined || !(byBytes(session.uploadId, idMarker) > 0)));
    // Without an upload id marker a key that equals the key marker is done with.
    const done = listed || (order === 0 && idMarker === "");
    if ((keyMarker !== "" && done) || (common !== undefined && prefixes.has(common))) continue;
    if (uploads.length + prefixes.size >= limit) {
      truncated = true;
      break;
    }
    next = { key: common ?? session.key, id: common === undefined ? session.uploadId : "" };
    if (common !== undefined) prefixes.add(common);
    else {
      const fields = [
        element("Key", shownKey(exchange, session.key)),
        element("UploadId", session.uploadId),
        element("StorageClass", session.record.headers["x-oss-storage-class"] ?? "Standard"),
        element("Initiated", isoTime(session.record.initiated)),
      ];
      uploads.push(`<Upload>${fields.join("")}</Upload>`);
    }
  }
  const body = xmlDocument("ListMultipartUploadsResult", [
    ...encodingElements(exchange),
    element("Bucket", bucket.name),
    element("KeyMarker", shownKey(exchange, keyMarker)),
    element("UploadIdMarker", idMarker),
    element("NextKeyMarker", shownKey(exchange, next.key)),
    element("NextUploadIdMarker", next.id),
    element("Delimiter", shownKey(exchange, delimiter)),
    element("Prefix", shownKey(exchange, prefix)),
    element("MaxUploads", wanted),
    element("IsTruncated", truncated),
    ...uploads,
    ...prefixElements(exchange, prefixes),
  ]);
  return xmlReply(body);
}
