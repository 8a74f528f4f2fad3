import { invalidArgument, OssError } from "../http/errors.js";
import type { RequestHeaders } from "../http/headers.js";
import { parseFormQuery } from "../http/target.js";
import type { ObjectHeaders } from "../store/records.js";

const PLAIN = ["content-type", "cache-control", "content-disposition", "content-encoding", "expires"];
const ENCRYPTION = [
  "x-oss-server-side-encryption",
  "x-oss-server-side-data-encryption",
  "x-oss-server-side-encryption-key-id",
];
const STORED = new Set([...PLAIN, ...ENCRYPTION, "x-oss-storage-class", "x-oss-tagging"]);

const STORAGE_CLASSES = ["Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"];
export const OBJECT_ACLS = ["default", "private", "public-read", "public-read-write"];

/** Takes from a request what the object to be shall carry, refusing what OSS would refuse. */
export function readObjectHeaders(headers: RequestHeaders): ObjectHeaders {
  allowed(headers, "x-oss-storage-class", STORAGE_CLASSES);
  allowed(headers, "x-oss-server-side-encryption", ["AES256", "KMS", "SM4"]);
  allowed(headers, "x-oss-server-side-data-encryption", ["SM4"]);
  checkTagging(headers.get("x-oss-tagging"));
  const kept: Record<string, string> = {};
  let metaBytes = 0;
  for (const [name, value] of headers) {
    const meta = name.startsWith("x-oss-meta-");
    if (meta) metaBytes += Buffer.byteLength(name) - "x-oss-meta-".length + Buffer.byteLength(value);
    if (meta || STORED.has(name)) kept[name] = value;
  }
  if (metaBytes > 8192)
    throw new OssError(400, "MetadataTooLarge", "The user metadata must not exceed 8 KB.");
  return kept;
}

/** The response headers by which HEAD, GET and uploads show what an object carries. */
export function shownHeaders(headers: ObjectHeaders): Record<string, string> {
  const { "x-oss-tagging": tagging, ...rest } = headers;
  const shown: Record<string, string> = { "content-type": "application/octet-stream", ...rest };
  shown["x-oss-storage-class"] ??= "Standard";
  const tags = tagging ? parseFormQuery(tagging).length : 0;
  if (tags > 0) shown["x-oss-tagging-count"] = String(tags);
  return shown;
}

export function encryptionHeaders(headers: ObjectHeaders): Record<string, string | undefined> {
  return Object.fromEntries(ENCRYPTION.map((name) => [name, headers[name]]));
}

/** Encryption is chosen when an upload begins; on a part or at Complete it is a mistake. */
export function refuseEncryption(headers: RequestHeaders): void {
  for (const name of ENCRYPTION) {
    const value = headers.get(name);
    if (value !== undefined) throw invalidArgument(`${name} is not allowed on this request.`, name, value);
  }
}

export function readAcl(headers: RequestHeaders, fallback = "default"): string {
  allowed(headers, "x-oss-object-acl", OBJECT_ACLS);
  return headers.get("x-oss-object-acl") ?? fallback;
}

export function forbidsOverwrite(headers: RequestHeaders): boolean {
  allowed(headers, "x-oss-forbid-overwrite", ["true", "false"]);
  return headers.get("x-oss-forbid-overwrite") === "true";
}

export function checkKey(key: string): void {
  if (Buffer.byteLength(key) <= 1023 && !/^[/\\]/.test(key)) return;
  throw new OssError(400, "InvalidObjectName", "The specified object is not valid.", { ObjectName: key });
}

export function checkTagging(tagging: string | undefined): void {
  if (tagging === undefined) return;
  const tags = parseFormQuery(tagging);
  const names = new Set(tags.map(([name]) => name));
  const sound = tags.every(([name, value]) => name !== "" && name.length <= 128 && value.length <= 256);
  if (tags.length > 10 || names.size < tags.length || !sound) {
    throw invalidArgument("The object tags are not valid.", "x-oss-tagging", tagging);
  }
}

function allowed(headers: RequestHeaders, name: string, values: readonly string[]): void {
  const value = headers.get(name);
  if (value === undefined || values.includes(value)) return;
  throw invalidArgument(`The value of ${name} must be one of ${values.join(", ")}.`, name, value);
}
