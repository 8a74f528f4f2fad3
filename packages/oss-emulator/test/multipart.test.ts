import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type OssEmulator, startOssEmulator } from "../src/index.js";
import { Crc64 } from "../src/store/crc64.js";
import { type Answer, call, complete, initiate, pattern, putPart } from "./client.js";

let emulator: OssEmulator;
let clock = 0;
beforeAll(async () => {
  emulator = await startOssEmulator({
    pageSize: 3,
    now: () => Date.now() + clock,
    sessionLifetime: 3_600_000,
  });
});
afterEach(() => {
  clock = 0;
});
afterAll(() => emulator.close());

const KEY = "rules.bin";
const FULL = pattern(102_400);
const md5 = (bytes: Buffer) => createHash("md5").update(bytes).digest("hex").toUpperCase();
const crc64 = (bytes: Buffer) => {
  const crc = new Crc64();
  crc.update(bytes);
  return crc.digest().toString();
};
const refusal = (answer: Answer) => [answer.status, answer.element("Code")];

/** A session with these parts, and its id. */
async function session(parts: Record<number, Buffer>, key = KEY): Promise<string> {
  const uploadId = await initiate(emulator, key);
  for (const [number, bytes] of Object.entries(parts))
    await putPart(emulator, key, uploadId, Number(number), bytes);
  return uploadId;
}

describe("a multipart upload", () => {
  it("becomes the object, byte by byte, with checksums of the real bytes", async () => {
    const key = "dir/ü b+c.bin";
    const parts = [pattern(102_400, 1), pattern(1_500_000, 2), pattern(150_000, 3), pattern(7, 4)];
    const uploadId = await initiate(emulator, key, { "x-oss-meta-a": "b", "content-type": "text/x" });
    expect(uploadId).toMatch(/^[0-9A-F]{32}$/);
    const etags: [number, string][] = [];
    for (const [index, bytes] of parts.entries()) {
      const put = await putPart(emulator, key, uploadId, index + 1, bytes);
      expect(put.status).toBe(200);
      expect(put.headers.etag).toBe(`"${md5(bytes)}"`);
      expect(put.headers["x-oss-hash-crc64ecma"]).toBe(crc64(bytes));
      etags.push([index + 1, put.headers.etag!]);
    }
    const done = await complete(emulator, key, uploadId, etags);
    const whole = Buffer.concat(parts);
    expect(done.status).toBe(200);
    expect(done.headers["x-oss-hash-crc64ecma"]).toBe(crc64(whole));
    expect(done.element("ETag")).toMatch(/^"[0-9A-F]{32}-4"$/);
    const got = await call(emulator, { method: "GET", bucket: "demo", key });
    expect(got.body.equals(whole)).toBe(true);
    expect(got.headers).toMatchObject({
      "content-type": "text/x",
      "x-oss-meta-a": "b",
      "x-oss-object-type": "Multipart",
      etag: done.element("ETag"),
    });
    expect(got.headers["content-md5"]).toBeUndefined();
    const range = { range: "bytes=102000-1602600" };
    const middle = await call(emulator, { method: "GET", bucket: "demo", key, headers: range });
    expect(middle.status).toBe(206);
    expect(middle.body.equals(whole.subarray(102_000, 1_602_601))).toBe(true);
    const stored = await emulator.getObject("demo", key);
    expect((await readFile(stored!.path)).equals(whole)).toBe(true);
    const again = await complete(emulator, key, uploadId, etags);
    expect([...refusal(again), again.element("EC")]).toEqual([404, "NoSuchUpload", "0042-00000203"]);
    expect(refusal(await putPart(emulator, key, uploadId, 1, "x"))).toEqual([404, "NoSuchUpload"]);
  });

  it("leaves the object of the same key alone until it completes, and discards what is not listed", async () => {
    await emulator.putObjectDirect("demo", KEY, "before");
    const uploadId = await session({ 1: FULL, 2: Buffer.from("unlisted"), 5: Buffer.from("tail") });
    const get = () => call(emulator, { method: "GET", bucket: "demo", key: KEY });
    expect((await get()).text).toBe("before");
    const done = await complete(emulator, KEY, uploadId, [
      [1, md5(FULL).toLowerCase()],
      [5, `&quot;${md5(Buffer.from("tail"))}&#34;`],
    ]);
    expect(done.status).toBe(200);
    expect((await get()).body.equals(Buffer.concat([FULL, Buffer.from("tail")]))).toBe(true);
  });

  it("takes the newest bytes of a part number", async () => {
    const uploadId = await session({ 2: pattern(300_000, 2) });
    await putPart(emulator, KEY, uploadId, 1, pattern(700_000, 9));
    await putPart(emulator, KEY, uploadId, 1, FULL);
    await putPart(emulator, KEY, uploadId, 2, "new");
    const done = await complete(emulator, KEY, uploadId, [], { "x-oss-complete-all": "yes" });
    expect(done.status).toBe(200);
    const stored = await emulator.getObject("demo", KEY);
    expect((await readFile(stored!.path)).equals(Buffer.concat([FULL, Buffer.from("new")]))).toBe(true);
  });

  it("is refused when the list of parts is wrong, and can still be completed then", async () => {
    const small = Buffer.from("small");
    const uploadId = await session({ 1: FULL, 2: small, 3: FULL });
    const list = (...numbers: number[]) =>
      numbers.map((n): [number, string] => [n, md5(n === 2 ? small : FULL)]);
    const tooSmall = await complete(emulator, KEY, uploadId, list(1, 2, 3));
    expect(refusal(tooSmall)).toEqual([400, "EntityTooSmall"]);
    expect([tooSmall.element("ProposedSize"), tooSmall.element("MinSizeAllowed")]).toEqual(["5", "102400"]);
    expect(refusal(await complete(emulator, KEY, uploadId, list(3, 1)))).toEqual([400, "InvalidPartOrder"]);
    expect(refusal(await complete(emulator, KEY, uploadId, list(1, 1)))).toEqual([400, "InvalidPartOrder"]);
    expect(refusal(await complete(emulator, KEY, uploadId, list(1, 4)))).toEqual([400, "InvalidPart"]);
    const wrong = await complete(emulator, KEY, uploadId, [[1, `"${md5(small)}"`]]);
    expect([...refusal(wrong), wrong.element("PartNumber")]).toEqual([400, "InvalidPart", "1"]);
    expect(refusal(await complete(emulator, KEY, uploadId, []))).toEqual([400, "MalformedXML"]);
    expect((await complete(emulator, KEY, uploadId, list(1, 2))).status).toBe(200);
  });

  it.each(["", "<Complete", "<!DOCTYPE a [<!ENTITY b 'c'>]><CompleteMultipartUpload/>", "{}"])(
    "is refused with the body %j",
    async (body) => {
      const uploadId = await session({ 1: FULL });
      const query = [["uploadId", uploadId]] as const;
      const answer = await call(emulator, { method: "POST", bucket: "demo", key: KEY, query, body });
      expect(refusal(answer)).toEqual([400, "MalformedXML"]);
    },
  );

  it("takes complete-all or a body, not both", async () => {
    const uploadId = await session({ 1: FULL });
    const answer = await call(emulator, {
      method: "POST",
      bucket: "demo",
      key: KEY,
      query: [["uploadId", uploadId]],
      headers: { "x-oss-complete-all": "yes" },
      body: "<CompleteMultipartUpload></CompleteMultipartUpload>",
    });
    expect([...refusal(answer), answer.element("EC")]).toEqual([400, "InvalidArgument", "0042-00000216"]);
  });

  it("respects forbid-overwrite at the beginning and at the end", async () => {
    const uploadId = await session({ 1: FULL }, "once");
    await emulator.putObjectDirect("demo", "once", "first");
    const forbid = { "x-oss-forbid-overwrite": "true" };
    const list: [number, string][] = [[1, md5(FULL)]];
    expect(refusal(await complete(emulator, "once", uploadId, list, forbid))).toEqual([
      409,
      "FileAlreadyExists",
    ]);
    const query = [["uploads", ""]] as const;
    const begin = await call(emulator, {
      method: "POST",
      bucket: "demo",
      key: "once",
      query,
      headers: forbid,
    });
    expect(refusal(begin)).toEqual([409, "FileAlreadyExists"]);
    const acl = { "x-oss-object-acl": "public-read" };
    expect((await complete(emulator, "once", uploadId, list, acl)).status).toBe(200);
    expect((await emulator.getObject("demo", "once"))?.acl).toBe("public-read");
  });

  it("refuses encryption headers on parts and at the end, bad part numbers and bad digests", async () => {
    const uploadId = await session({ 1: FULL });
    const sse = { "x-oss-server-side-encryption": "AES256" };
    expect(refusal(await putPart(emulator, KEY, uploadId, 1, FULL, sse))).toEqual([400, "InvalidArgument"]);
    expect(refusal(await complete(emulator, KEY, uploadId, [[1, md5(FULL)]], sse))).toEqual([
      400,
      "InvalidArgument",
    ]);
    for (const number of [0, 10_001, 1.5]) {
      expect(refusal(await putPart(emulator, KEY, uploadId, number, "x"))).toEqual([400, "InvalidArgument"]);
    }
    const digest = { "content-md5": "rL0Y20zC+Fzt72VPzMSk2A==" };
    expect(refusal(await putPart(emulator, KEY, uploadId, 2, FULL, digest))).toEqual([400, "InvalidDigest"]);
    expect(refusal(await putPart(emulator, "another key", uploadId, 2, FULL))).toEqual([404, "NoSuchUpload"]);
    expect(emulator.sessions("demo").find((open) => open.uploadId === uploadId)?.parts).toHaveLength(1);
  });

  it("shows what was said at the beginning", async () => {
    const headers = {
      "x-oss-server-side-encryption": "AES256",
      "x-oss-storage-class": "IA",
      "x-oss-tagging": "a=1&b=2",
      "x-oss-object-acl": "public-read",
    };
    const uploadId = await initiate(emulator, "told", headers);
    const put = await putPart(emulator, "told", uploadId, 1, "tiny");
    expect(put.headers["x-oss-server-side-encryption"]).toBe("AES256");
    await complete(emulator, "told", uploadId, [[1, put.headers.etag!]]);
    const head = await call(emulator, { method: "HEAD", bucket: "demo", key: "told" });
    expect(head.headers).toMatchObject({
      "x-oss-server-side-encryption": "AES256",
      "x-oss-storage-class": "IA",
      "x-oss-tagging-count": "2",
      "content-length": "4",
    });
    // The ACL belongs to Complete; at the beginning it does nothing.
    expect((await emulator.getObject("demo", "told"))?.acl).toBe("default");
  });

  it("in sequential mode takes parts in order only, and the object has an MD5", async () => {
    const query = [
      ["uploads", ""],
      ["sequential", ""],
    ] as const;
    const begun = await call(emulator, { method: "POST", bucket: "demo", key: "seq", query });
    const uploadId = begun.element("UploadId")!;
    expect(refusal(await putPart(emulator, "seq", uploadId, 2, FULL))).toEqual([400, "PartNotSequential"]);
    await putPart(emulator, "seq", uploadId, 1, FULL);
    await putPart(emulator, "seq", uploadId, 2, "end");
    await complete(emulator, "seq", uploadId, [], { "x-oss-complete-all": "yes" });
    const head = await call(emulator, { method: "HEAD", bucket: "demo", key: "seq" });
    const whole = Buffer.concat([FULL, Buffer.from("end")]);
    expect(head.headers["content-md5"]).toBe(createHash("md5").update(whole).digest("base64"));
  });

  it("is dropped after the lifetime that a lifecycle rule would give it", async () => {
    const uploadId = await session({ 1: FULL });
    clock = 3_700_000;
    const now = Date.now() + clock;
    const query = [["uploadId", uploadId]] as const;
    expect(refusal(await call(emulator, { method: "GET", bucket: "demo", key: KEY, query, now }))).toEqual([
      404,
      "NoSuchUpload",
    ]);
  });

  it("can be aborted while a part is under way", async () => {
    const uploadId = await session({ 1: FULL });
    const stall = emulator.faults.add({
      when: { operation: "UploadPart", uploadId },
      fault: { kind: "delay", ms: 50 },
    });
    const part = putPart(emulator, KEY, uploadId, 2, FULL);
    await stall.whenFired();
    const query = [["uploadId", uploadId]] as const;
    expect((await call(emulator, { method: "DELETE", bucket: "demo", key: KEY, query })).status).toBe(204);
    expect(refusal(await part)).toEqual([404, "NoSuchUpload"]);
    expect(refusal(await call(emulator, { method: "DELETE", bucket: "demo", key: KEY, query }))).toEqual([
      404,
      "NoSuchUpload",
    ]);
  });
});

describe("copying parts", () => {
  it("takes ranges of another object and checks its ETag", async () => {
    const source = pattern(300_000, 5);
    const { etag } = await emulator.putObjectDirect("demo", "from here/ü", source);
    const uploadId = await initiate(emulator, "copied");
    const copy = (number: number, headers: Record<string, string>) => {
      const from = { "x-oss-copy-source": "/demo/from%20here/%C3%BC", ...headers };
      return putPart(emulator, "copied", uploadId, number, "", from);
    };
    const first = await copy(1, {
      "x-oss-copy-source-range": "bytes=0-149999",
      "x-oss-copy-source-if-match": etag,
    });
    expect(first.element("ETag")).toBe(`"${md5(source.subarray(0, 150_000))}"`);
    const second = await copy(2, { "x-oss-copy-source-range": "bytes=150000-299999" });
    expect(refusal(await copy(3, { "x-oss-copy-source-if-match": "0".repeat(32) }))).toEqual([
      412,
      "PreconditionFailed",
    ]);
    expect(refusal(await copy(3, { "x-oss-copy-source-range": "bytes=0-300000" }))).toEqual([
      416,
      "InvalidRange",
    ]);
    expect(refusal(await copy(3, { "x-oss-copy-source": "/demo/none" }))).toEqual([404, "NoSuchKey"]);
    const parts = [first, second].map((part, index): [number, string] => [index + 1, part.element("ETag")!]);
    await complete(emulator, "copied", uploadId, parts);
    const got = await call(emulator, { method: "GET", bucket: "demo", key: "copied" });
    expect(got.body.equals(source)).toBe(true);
  });
});

describe("listings", () => {
  it("give parts page by page, in order, with checksums", async () => {
    const uploadId = await session({ 7: FULL, 2: FULL, 1: FULL, 10000: FULL, 30: FULL });
    const page = (marker: string) => {
      const query = [
        ["uploadId", uploadId],
        ["part-number-marker", marker],
        ["encoding-type", "url"],
      ] as const;
      return call(emulator, { method: "GET", bucket: "demo", key: KEY, query });
    };
    const first = await page("0");
    const numbers = (answer: Answer) =>
      [...answer.text.matchAll(/<PartNumber>(\d+)/g)].map((match) => match[1]);
    expect(numbers(first)).toEqual(["1", "2", "7"]);
    expect([first.element("IsTruncated"), first.element("NextPartNumberMarker")]).toEqual(["true", "7"]);
    expect([first.element("HashCrc64ecma"), first.element("Size")]).toEqual([crc64(FULL), "102400"]);
    // oss2 refuses times with any other fraction.
    expect(first.element("LastModified")).toMatch(/T\d\d:\d\d:\d\d\.000Z$/);
    const second = await page("7");
    expect(numbers(second)).toEqual(["30", "10000"]);
    expect([second.element("IsTruncated"), second.element("NextPartNumberMarker")]).toEqual([
      "false",
      "10000",
    ]);
  });

  it("give open uploads by key and id, page by page, with prefixes", async () => {
    for (const key of ["list/b c", "list/a", "list/d/1", "list/a", "list/d/2"]) await initiate(emulator, key);
    const list = (more: [string, string][]) => {
      const query: [string, string][] = [
        ["uploads", ""],
        ["prefix", "list/"],
        ["encoding-type", "url"],
        ...more,
      ];
      return call(emulator, { method: "GET", bucket: "demo", query });
    };
    const seen: string[] = [];
    let markers: [string, string][] = [];
    for (let pages = 0; pages < 10; pages++) {
      const answer = await list([["max-uploads", "1"], ["delimiter", "/"], ...markers]);
      seen.push(
        ...[...answer.text.matchAll(/<(?:Key|CommonPrefixes><Prefix)>([^<]+)</g)].map((match) => match[1]!),
      );
      if (answer.element("IsTruncated") === "false") break;
      markers = [
        ["key-marker", decodeURIComponent(answer.element("NextKeyMarker")!)],
        ["upload-id-marker", answer.element("NextUploadIdMarker")!],
      ];
    }
    expect(seen).toEqual(["list/a", "list/a", "list/b%20c", "list/d/"]);
    const ids = emulator.sessions("demo").filter(({ key }) => key === "list/a");
    expect(new Set(ids.map(({ uploadId }) => uploadId)).size).toBe(2);
  });
});
