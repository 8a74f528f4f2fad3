import type { ObjectOptions } from "@partwise/core/contract";
import * as z from "zod/mini";
import { percentEncode } from "../encode.js";
import { firstIssue, invalid } from "../invalid.js";
import { CALLBACK_URLS_MAX, METADATA_BYTES_MAX, TAGS, TRAFFIC_LIMIT } from "../limits.js";
import { printable } from "../text.js";
import { placesOf } from "./places.js";

const text = z.optional(z.string());
const texts = z.optional(z.record(z.string(), z.string()));

const schema = z.strictObject({
  contentType: text,
  cacheControl: text,
  contentDisposition: text,
  contentEncoding: text,
  expires: text,
  metadata: texts,
  tags: texts,
  storageClass: text,
  encryption: z.optional(z.strictObject({ algorithm: z.string(), dataAlgorithm: text, keyId: text })),
  acl: text,
  ifAbsent: z.optional(z.boolean()),
  callback: z.optional(
    z.strictObject({
      url: z.string(),
      host: text,
      body: z.string(),
      bodyType: z.optional(z.enum(["application/x-www-form-urlencoded", "application/json"])),
      sni: z.optional(z.boolean()),
      variables: texts,
    }),
  ),
  trafficLimit: z.optional(z.int().check(z.minimum(TRAFFIC_LIMIT.min), z.maximum(TRAFFIC_LIMIT.max))),
  requestPayer: z.optional(z.boolean()),
  headers: texts,
});

const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * Every header that these options stand for, whatever request it belongs on; names in lower case. Throws
 * `invalid-options` for anything OSS would refuse or silently change.
 */
export function objectHeaders(options: ObjectOptions): Map<string, string> {
  const checked = schema.safeParse(options);
  if (!checked.success) throw invalid(`The object's option ${firstIssue(checked.error)}.`);
  const headers = new Map<string, string>();
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) return;
    const lower = name.toLowerCase();
    if (headers.has(lower))
      throw invalid(`The header ${printable(lower, 80)} is given twice; leave one out.`);
    headers.set(lower, checkedValue(lower, value));
  };
  set("content-type", options.contentType);
  set("cache-control", options.cacheControl);
  set("content-disposition", options.contentDisposition);
  set("content-encoding", options.contentEncoding);
  set("expires", options.expires);
  for (const [name, value] of Object.entries(options.metadata ?? {})) set(metadataName(name), value);
  set("x-oss-tagging", tagging(options.tags));
  set("x-oss-storage-class", options.storageClass);
  setEncryption(options.encryption, set);
  set("x-oss-object-acl", options.acl);
  set("x-oss-forbid-overwrite", options.ifAbsent ? "true" : undefined);
  setCallback(options.callback, set);
  set("x-oss-traffic-limit", options.trafficLimit?.toString());
  set("x-oss-request-payer", options.requestPayer ? "requester" : undefined);
  for (const [name, value] of Object.entries(options.headers ?? {})) set(furtherName(name), value);
  checkMetadataSize(headers);
  return headers;
}

function checkedValue(name: string, value: string): string {
  if (CONTROL.test(value))
    throw invalid(`The value of ${printable(name, 80)} holds a line break or control character.`);
  const trimmed = value.trim();
  if (trimmed !== value && name.startsWith("x-oss-meta-"))
    throw invalid(
      `The value of ${printable(name, 80)} begins or ends with a space, which a header does not carry.`,
    );
  if (trimmed === "") throw invalid(`The value of ${printable(name, 80)} is empty; leave it out.`);
  if (/\p{Surrogate}/u.test(value))
    throw invalid(`The value of ${printable(name, 80)} holds half a surrogate pair.`);
  return trimmed;
}

function metadataName(name: string): string {
  const lower = name.toLowerCase();
  if (!TOKEN.test(lower))
    throw invalid(`The metadata name "${printable(name, 80)}" may hold letters, digits and - only.`);
  if (lower.startsWith("x-oss-meta-"))
    throw invalid(
      `The metadata name "${printable(name, 80)}" is given without the prefix x-oss-meta-; it is added here.`,
    );
  return `x-oss-meta-${lower}`;
}

/** A header by the vendor's name: one we know where to put, or an error. */
function furtherName(name: string): string {
  const lower = name.toLowerCase();
  if (!TOKEN.test(lower) || placesOf(lower) === undefined)
    throw invalid(
      `The header "${printable(name, 80)}" cannot be given: it is set by Partwise, or not known to belong on a request.`,
    );
  return lower;
}

function checkMetadataSize(headers: ReadonlyMap<string, string>): void {
  let bytes = 0;
  for (const [name, value] of headers) {
    if (name.startsWith("x-oss-meta-"))
      bytes += name.length - "x-oss-meta-".length + Buffer.byteLength(value, "utf8");
  }
  if (bytes > METADATA_BYTES_MAX)
    throw invalid(`The metadata has ${bytes} bytes; OSS takes at most ${METADATA_BYTES_MAX}.`);
}

function tagging(tags: ObjectOptions["tags"]): string | undefined {
  const entries = Object.entries(tags ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return undefined;
  if (entries.length > TAGS.count)
    throw invalid(`There are ${entries.length} tags; OSS takes at most ${TAGS.count}.`);
  for (const [name, value] of entries) {
    if (name === "" || [...name].length > TAGS.name || [...value].length > TAGS.value)
      throw invalid(
        `The tag "${printable(name, 80)}" does not fit: a name has 1 to ${TAGS.name} characters, a value up to ${TAGS.value}.`,
      );
  }
  return entries.map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`).join("&");
}

type Set = (name: string, value: string | undefined) => void;

function setEncryption(encryption: ObjectOptions["encryption"], set: Set): void {
  if (encryption === undefined) return;
  const { algorithm, dataAlgorithm, keyId } = encryption;
  if (algorithm !== "KMS" && (dataAlgorithm !== undefined || keyId !== undefined))
    throw invalid("The options encryption.dataAlgorithm and encryption.keyId need the algorithm KMS.");
  set("x-oss-server-side-encryption", algorithm);
  set("x-oss-server-side-data-encryption", dataAlgorithm);
  set("x-oss-server-side-encryption-key-id", keyId);
}

function setCallback(callback: ObjectOptions["callback"], set: Set): void {
  if (callback === undefined) return;
  const urls = callback.url.split(";").filter((url) => url.trim() !== "");
  if (urls.length === 0 || urls.length > CALLBACK_URLS_MAX)
    throw invalid(
      `The callback has ${urls.length} addresses; give 1 to ${CALLBACK_URLS_MAX}, separated by ";".`,
    );
  if (callback.body === "") throw invalid("The callback's body is empty; OSS wants a template.");
  set(
    "x-oss-callback",
    base64({
      callbackUrl: callback.url,
      callbackHost: callback.host,
      callbackBody: callback.body,
      callbackBodyType: callback.bodyType,
      callbackSNI: callback.sni,
    }),
  );
  const variables = Object.entries(callback.variables ?? {}).map(([name, value]) => [`x:${name}`, value]);
  if (variables.length > 0) set("x-oss-callback-var", base64(Object.fromEntries(variables)));
}

function base64(value: object): string {
  return Buffer.from(JSON.stringify(value), "utf8").toString("base64");
}
