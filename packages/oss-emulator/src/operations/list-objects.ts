import type { Exchange, Reply } from "../http/exchange.js";
import { element, isoTime, xmlDocument } from "../http/xml.js";
import type { ObjectRecord } from "../store/records.js";
import { bucketOf, numberOf } from "./find.js";
import { byBytes, commonPrefix, prefixElements } from "./names.js";
import { encodingElements, shownKey, xmlReply } from "./session.js";

export const OWNER = "<Owner><ID>1000000000000001</ID><DisplayName>1000000000000001</DisplayName></Owner>";

interface Page {
  readonly contents: readonly ObjectRecord[];
  readonly prefixes: readonly string[];
  /** The last name on the page, when there is more behind it. */
  readonly next: string | undefined;
}

export async function listObjects(exchange: Exchange): Promise<Reply> {
  const marker = exchange.query.get("marker") ?? "";
  const page = collect(exchange, marker);
  const body = xmlDocument("ListBucketResult", [
    ...common(exchange),
    element("Marker", shownKey(exchange, marker)),
    element("IsTruncated", page.next !== undefined),
    ...(page.next === undefined ? [] : [element("NextMarker", shownKey(exchange, page.next))]),
    ...page.contents.map((object) => entry(exchange, object, true)),
    ...prefixElements(exchange, page.prefixes),
  ]);
  return xmlReply(body);
}

export async function listObjectsV2(exchange: Exchange): Promise<Reply> {
  const { query } = exchange;
  const token = query.get("continuation-token");
  const startAfter = query.get("start-after") ?? "";
  const marker = token ? Buffer.from(token, "base64url").toString("utf8") : startAfter;
  const page = collect(exchange, marker);
  const body = xmlDocument("ListBucketResult", [
    ...common(exchange),
    element("StartAfter", shownKey(exchange, startAfter)),
    ...(token ? [element("ContinuationToken", token)] : []),
    element("IsTruncated", page.next !== undefined),
    ...(page.next === undefined
      ? []
      : [element("NextContinuationToken", Buffer.from(page.next).toString("base64url"))]),
    element("KeyCount", page.contents.length + page.prefixes.length),
    ...page.contents.map((object) => entry(exchange, object, query.get("fetch-owner") === "true")),
    ...prefixElements(exchange, page.prefixes),
  ]);
  return xmlReply(body);
}

const wantedOf = (exchange: Exchange) => numberOf(exchange, "max-keys", 100, 1, 1000);

function common(exchange: Exchange): string[] {
  const shown = (name: string) => shownKey(exchange, exchange.query.get(name) ?? "");
  return [
    ...encodingElements(exchange),
    element("Name", exchange.target.bucket),
    element("Prefix", shown("prefix")),
    element("MaxKeys", wantedOf(exchange)),
    element("Delimiter", shown("delimiter")),
  ];
}

function collect(exchange: Exchange, marker: string): Page {
  const bucket = bucketOf(exchange);
  const limit = wantedOf(exchange);
  const prefix = exchange.query.get("prefix") ?? "";
  const delimiter = exchange.query.get("delimiter") ?? "";
  const keys = [...bucket.objects.keys()].filter((key) => key.startsWith(prefix)).sort(byBytes);
  const contents: ObjectRecord[] = [];
  const prefixes = new Set<string>();
  let last = "";
  for (const key of keys) {
    const group = commonPrefix(key, prefix, delimiter);
    if ((marker !== "" && byBytes(group ?? key, marker) <= 0) || (group !== undefined && prefixes.has(group)))
      continue;
    if (contents.length + prefixes.size >= limit) return { contents, prefixes: [...prefixes], next: last };
    last = group ?? key;
    if (group !== undefined) prefixes.add(group);
    else contents.push(bucket.objects.get(key)!);
  }
  return { contents, prefixes: [...prefixes], next: undefined };
}

function entry(exchange: Exchange, object: ObjectRecord, owner: boolean): string {
  const fields = [
    element("Key", shownKey(exchange, object.key)),
    element("LastModified", isoTime(object.modified)),
    element("ETag", `"${object.etag}"`),
    element("Type", object.type),
    element("Size", object.size),
    element("StorageClass", object.headers["x-oss-storage-class"] ?? "Standard"),
    ...(owner ? [OWNER] : []),
  ];
  return `<Contents>${fields.join("")}</Contents>`;
}
