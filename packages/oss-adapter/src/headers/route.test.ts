import { isTransferError, type ObjectOptions } from "@partwise/core/contract";
import { describe, expect, it } from "vitest";
import type { Place } from "./places.js";
import { fixedHeaders, headersFor } from "./route.js";

const everything: ObjectOptions = {
  contentType: "text/plain",
  cacheControl: "no-cache",
  contentDisposition: "attachment",
  contentEncoding: "gzip",
  expires: "Fri, 24 Feb 2017 03:15:40 GMT",
  metadata: { Author: "Zoë", magic: "1" },
  tags: { b: "2 &", a: "1" },
  storageClass: "IA",
  encryption: { algorithm: "KMS", dataAlgorithm: "SM4", keyId: "cmk" },
  acl: "private",
  ifAbsent: true,
  callback: { url: "http://a/cb", body: "k=v", sni: true, variables: { one: "1" } },
  trafficLimit: 245_760,
  requestPayer: true,
};

const creating = {
  "content-type": "text/plain",
  "cache-control": "no-cache",
  "content-disposition": "attachment",
  "content-encoding": "gzip",
  expires: "Fri, 24 Feb 2017 03:15:40 GMT",
  "x-oss-meta-author": "Zoë",
  "x-oss-meta-magic": "1",
  "x-oss-tagging": "a=1&b=2%20%26",
  "x-oss-storage-class": "IA",
  "x-oss-server-side-encryption": "KMS",
  "x-oss-server-side-data-encryption": "SM4",
  "x-oss-server-side-encryption-key-id": "cmk",
};
const payer = { "x-oss-request-payer": "requester" };
const forbid = { "x-oss-forbid-overwrite": "true" };
const acl = { "x-oss-object-acl": "private" };
const traffic = { "x-oss-traffic-limit": "245760" };
const callback = {
  "x-oss-callback": expect.any(String),
  "x-oss-callback-var": Buffer.from('{"x:one":"1"}').toString("base64"),
};

describe("headersFor", () => {
  it.each<[Place, object]>([
    ["put", { ...creating, ...acl, ...forbid, ...callback, ...traffic, ...payer }],
    ["open", { ...creating, ...forbid, ...payer }],
    ["part", { ...traffic, ...payer }],
    ["copy", { ...traffic, ...payer }],
    ["complete", { ...acl, ...forbid, ...callback, ...payer }],
    ["read", { ...traffic, ...payer }],
    ["other", payer],
  ])("puts on %s what belongs there", (place, expected) => {
    expect(headersFor(place, everything)).toEqual(expected);
  });

  it("routes headers by their vendor names by the same table", () => {
    const headers = { "X-Oss-Object-Acl": "private", "x-oss-meta-a": "1", "x-oss-storage-class": "IA" };
    expect(headersFor("open", { headers })).toEqual({ "x-oss-meta-a": "1", "x-oss-storage-class": "IA" });
    expect(headersFor("complete", { headers })).toEqual({ "x-oss-object-acl": "private" });
  });

  it("writes the callback as OSS reads it", () => {
    const json = Buffer.from(headersFor("complete", everything)["x-oss-callback"] ?? "", "base64").toString();
    expect(JSON.parse(json)).toEqual({
      callbackUrl: "http://a/cb",
      callbackBody: "k=v",
      callbackSNI: true,
    });
  });
});

describe("fixedHeaders", () => {
  it("holds exactly what opening fixes, in one order", () => {
    expect(fixedHeaders(everything)).toEqual(creating);
    const reversed = Object.fromEntries(Object.entries(everything).reverse());
    expect(JSON.stringify(fixedHeaders(reversed))).toBe(JSON.stringify(fixedHeaders(everything)));
    expect(fixedHeaders(undefined)).toEqual({});
  });

  it("is equal for an option and the header it stands for", () => {
    expect(fixedHeaders({ headers: { "X-OSS-Storage-Class": "IA" } })).toEqual(
      fixedHeaders({ storageClass: "IA" }),
    );
  });
});

describe("what is refused", () => {
  const tooManyTags = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`t${i}`, "1"]));
  it.each<[string, unknown]>([
    ["a header we set", { headers: { Authorization: "x" } }],
    ["the host", { headers: { host: "x" } }],
    ["the length", { headers: { "Content-Length": "1" } }],
    ["a digest of the body", { headers: { "content-md5": "x" } }],
    ["copying", { headers: { "x-oss-copy-source": "/a/b" } }],
    ["the token", { headers: { "x-oss-security-token": "t" } }],
    ["complete-all", { headers: { "x-oss-complete-all": "yes" } }],
    ["a range", { headers: { range: "bytes=0-1" } }],
    ["an unknown header", { headers: { "x-other": "1" } }],
    ["a property of Object", { headers: { constructor: "1" } }],
    ["the bare metadata prefix", { headers: { "x-oss-meta-": "1" } }],
    ["a line break in a value", { contentType: "a\r\nx-oss-object-acl: public-read" }],
    ["a line break in metadata", { metadata: { a: "1\n2" } }],
    ["a line break in a metadata name", { metadata: { "a\r\nb": "1" } }],
    ["a line break in a header's value", { headers: { "x-oss-storage-class": "IA\r\nhost: evil" } }],
    ["a NUL", { cacheControl: "a\u0000" }],
    ["a prefixed metadata name", { metadata: { "x-oss-meta-a": "1" } }],
    ["two spellings of one metadata name", { metadata: { A: "1", a: "2" } }],
    ["an option and its header", { storageClass: "IA", headers: { "x-oss-storage-class": "IA" } }],
    ["too much metadata", { metadata: { a: "x".repeat(8192) } }],
    ["too much metadata in UTF-8", { metadata: { a: "中".repeat(3000) } }],
    ["spaces around metadata", { metadata: { a: " 1" } }],
    ["an empty value", { contentType: "" }],
    ["half a surrogate pair", { metadata: { a: "\ud800" } }],
    ["too many tags", { tags: tooManyTags }],
    ["a tag without a name", { tags: { "": "1" } }],
    ["a long tag", { tags: { a: "x".repeat(257) } }],
    ["a slow traffic limit", { trafficLimit: 245_759 }],
    ["a fast traffic limit", { trafficLimit: 838_860_801 }],
    ["a broken traffic limit", { trafficLimit: 300_000.5 }],
    ["a key id without KMS", { encryption: { algorithm: "AES256", keyId: "k" } }],
    ["a callback without a body", { callback: { url: "http://a", body: "" } }],
    ["a callback with six addresses", { callback: { url: "a;b;c;d;e;f", body: "b" } }],
    ["a number as metadata", { metadata: { a: 1 } }],
    ["an option that does not exist", { storageclass: "IA" }],
  ])("refuses %s", (_name, options) => {
    expect(() => headersFor("put", options as ObjectOptions)).toThrow(
      expect.toSatisfy((error) => isTransferError(error, "invalid-options")),
    );
  });

  it("takes exactly the limits", () => {
    const metadata = { a: "x".repeat(8191) };
    expect(headersFor("put", { metadata, trafficLimit: 838_860_800 })["x-oss-traffic-limit"]).toBe(
      "838860800",
    );
  });
});
