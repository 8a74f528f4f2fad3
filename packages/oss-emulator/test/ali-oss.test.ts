import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import OSS, { type Checkpoint } from "ali-oss";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type OssEmulator, startOssEmulator } from "../src/index.js";
import { pattern } from "./client.js";

const PART = 102_400;
let emulator: OssEmulator;
let folder: string;
let file: string;
const content = pattern(PART * 5 + 77);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ali-oss-"));
  file = join(folder, "five parts and a bit.bin");
  await writeFile(file, content);
  emulator = await startOssEmulator();
});
beforeEach(() => {
  emulator.clearLog();
  emulator.faults.clear();
});
afterAll(async () => {
  await emulator.close();
  await rm(folder, { recursive: true });
});

/** Reads a URL from the emulator whatever its host name resolves to here. */
async function fetchFrom(url: string, method = "GET"): Promise<{ status: number; body: Buffer }> {
  const { host, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const options = {
      host: "127.0.0.1",
      port: emulator.port,
      path: pathname + search,
      method,
      headers: { host },
    };
    request(options, async (answer) => {
      resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(await answer.toArray()) });
    })
      .on("error", reject)
      .end();
  });
}

describe.each([{ authorizationV4: false }, { authorizationV4: true }])(
  "ali-oss with %o",
  ({ authorizationV4 }) => {
    const client = (more: { endpoint?: string; accessKeyId?: string; stsToken?: string } = {}) =>
      new OSS({
        accessKeyId: "emulator-id",
        accessKeySecret: "emulator-secret",
        endpoint: emulator.endpoint,
        region: "oss-cn-hangzhou",
        bucket: "demo",
        authorizationV4,
        // Only keeps ali-oss from warning that nothing renews the token.
        refreshSTSTokenInterval: 300_000,
        ...more,
      });
    const prefix = `v${authorizationV4 ? 4 : 1}/`;

    it("puts, heads, gets, copies, lists and deletes", async () => {
      const oss = client();
      const name = `${prefix}ä b+c'(1)!*~.txt`;
      const put = await oss.put(name, Buffer.from("hello"), { mime: "text/plain", meta: { who: "me" } });
      expect(put.res.headers["x-oss-hash-crc64ecma"]).toBe("11177612005948864433");
      await oss.putStream(`${prefix}streamed`, Readable.from([Buffer.from("hel"), Buffer.from("lo")]));
      const head = await oss.head(name);
      expect(head.meta).toEqual({ who: "me" });
      expect(head.res.headers["content-type"]).toBe("text/plain");
      expect(String((await oss.get(name)).content)).toBe("hello");
      expect(String((await oss.get(name, { headers: { Range: "bytes=1-2" } })).content)).toBe("el");
      await oss.copy(`${prefix}copy`, name);
      const { objects } = await oss.list({ prefix, "max-keys": 10 }, {});
      expect(objects?.map((object) => [object.name, object.size])).toEqual([
        [`${prefix}copy`, 5],
        [`${prefix}streamed`, 5],
        [name, 5],
      ]);
      expect((await oss.listV2({ prefix, "max-keys": 1 })).nextContinuationToken).toBeTruthy();
      await oss.putACL(name, "public-read");
      expect((await oss.getACL(name)).acl).toBe("public-read");
      expect((await oss.getBucketInfo("demo")).bucket.Name).toBe("demo");
      await oss.delete(name);
      await expect(oss.head(name)).rejects.toMatchObject({ status: 404, code: "NoSuchKey" });
      await expect(oss.get(name)).rejects.toMatchObject({
        code: "NoSuchKey",
        requestId: expect.stringMatching(/^[0-9A-F]{24}$/),
      });
      expect((await oss.deleteMulti([`${prefix}copy`, `${prefix}none`])).deleted).toHaveLength(2);
    });

    it("resumes a multipart upload from its checkpoint without sending a finished part again", async () => {
      const oss = client();
      const key = `${prefix}resumed.bin`;
      emulator.faults.add({
        when: { operation: "UploadPart", partNumber: 4 },
        fault: { kind: "reset-mid-body", afterBytes: 1000 },
      });
      let checkpoint: Checkpoint | undefined;
      const progress = (_fraction: number, state?: Checkpoint) => {
        // ali-oss changes this object in place; a real caller writes it down.
        if (state) checkpoint = structuredClone(state);
      };
      await expect(
        oss.multipartUpload(key, file, { partSize: PART, parallel: 1, progress }),
      ).rejects.toThrow();
      expect(checkpoint?.doneParts.map(({ number }) => number)).toEqual([1, 2, 3]);
      expect(emulator.sessions("demo").find((session) => session.key === key)?.parts).toHaveLength(3);
      await oss.multipartUpload(key, file, { partSize: PART, parallel: 2, checkpoint: checkpoint! });
      const acknowledged = emulator.log.filter(
        ({ operation, status }) => operation === "UploadPart" && status === 200,
      );
      expect(acknowledged.map(({ partNumber }) => partNumber).sort()).toEqual([1, 2, 3, 4, 5, 6]);
      const stored = await emulator.getObject("demo", key);
      expect((await readFile(stored!.path)).equals(content)).toBe(true);
    });

    it("copies in parts", async () => {
      const oss = client();
      await oss.put(`${prefix}source`, content);
      const source = { sourceKey: `${prefix}source`, sourceBucketName: "demo" };
      await oss.multipartUploadCopy(`${prefix}copied`, source, { partSize: PART, parallel: 2 });
      expect(emulator.log.filter(({ operation }) => operation === "UploadPartCopy")).toHaveLength(6);
      expect((await oss.get(`${prefix}copied`)).content.equals(content)).toBe(true);
    });

    it("lists uploads and parts, and aborts", async () => {
      const oss = client();
      const key = `${prefix}aborted`;
      const { uploadId } = await oss.initMultipartUpload(key);
      await oss.uploadPart(key, uploadId, 1, file, 0, PART);
      await oss.uploadPart(key, uploadId, 2, file, PART, 2 * PART);
      const { parts } = await oss.listParts(key, uploadId);
      expect(parts.map((part) => part.PartNumber)).toEqual(["1", "2"]);
      const { uploads } = await oss.listUploads({ "max-uploads": 100, prefix });
      expect(uploads.map((upload) => upload.uploadId)).toEqual([uploadId]);
      await oss.abortMultipartUpload(key, uploadId);
      await expect(oss.listParts(key, uploadId)).rejects.toMatchObject({ code: "NoSuchUpload", status: 404 });
    });

    it("signs URLs", async () => {
      await client().put(`${prefix}signed me`, Buffer.from("signed"));
      const named = client({ endpoint: `http://localhost:${emulator.port}` });
      const sign = async (expires: number) =>
        authorizationV4
          ? named.signatureUrlV4("GET", expires, {}, `${prefix}signed me`)
          : named.signatureUrl(`${prefix}signed me`, { expires });
      const good = await sign(60);
      expect(await fetchFrom(good)).toMatchObject({ status: 200, body: Buffer.from("signed") });
      expect((await fetchFrom(good.replace("signed", "other"))).body.toString()).toContain(
        "SignatureDoesNotMatch",
      );
      expect((await fetchFrom(good, "DELETE")).status).toBe(403);
    });

    it("uses a security token, until it expires", async () => {
      const accessKeyId = `STS.${prefix}`;
      emulator.addCredentials({ accessKeyId, accessKeySecret: "emulator-secret", securityToken: "tok+en=" });
      const oss = client({ accessKeyId, stsToken: "tok+en=" });
      await oss.put(`${prefix}sts`, Buffer.from("x"));
      await expect(client({ accessKeyId }).put("x", Buffer.from("x"))).rejects.toMatchObject({
        code: "InvalidAccessKeyId",
      });
      const wrong = client({ accessKeyId, stsToken: "other" });
      await expect(wrong.put("x", Buffer.from("x"))).rejects.toMatchObject({ code: "InvalidSecurityToken" });
      emulator.expireCredentials(accessKeyId);
      await expect(oss.put("x", Buffer.from("x"))).rejects.toMatchObject({
        code: "SecurityTokenExpired",
        status: 403,
      });
    });
  },
);
