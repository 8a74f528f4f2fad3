import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OssEmulator, startOssEmulator } from "../src/index.js";
import { Crc64 } from "../src/store/crc64.js";
import { call, complete, initiate, pattern, putPart } from "./client.js";

let emulator: OssEmulator;
beforeAll(async () => {
  emulator = await startOssEmulator({ pageSize: 3 });
});
afterAll(() => emulator.close());

const md5 = (bytes: Buffer) => createHash("md5").update(bytes).digest("hex").toUpperCase();
const crc64 = (bytes: Buffer) => {
  const crc = new Crc64();
  crc.update(bytes);
  return crc.digest().toString();
};

describe("a multipart upload", () => {
  it("becomes the object, byte by byte, with checksums of the real bytes", async () => {
    const key = "dir/ü b+c.bin";
    const parts = [pattern(102_400, 1), pattern(150_000, 2), pattern(7, 3)];
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
    expect(done.element("ETag")).toMatch(/^"[0-9A-F]{32}-3"$/);
    const got = await call(emulator, { method: "GET", bucket: "demo", key });
    expect(got.body.equals(whole)).toBe(true);
    expect(got.headers["content-type"]).toBe("text/x");
    expect(got.headers["x-oss-meta-a"]).toBe("b");
    expect(got.headers["content-md5"]).toBeUndefined();
    const stored = await emulator.getObject("demo", key);
    expect((await readFile(stored!.path)).equals(whole)).toBe(true);
    expect(stored?.type).toBe("Multipart");
    const again = await complete(emulator, key, uploadId, etags);
    expect([again.status, again.element("Code"), again.element("EC")]).toEqual([
      404,
      "NoSuchUpload",
      "0042-00000203",
    ]);
  });
});
