import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type OssEmulator, startOssEmulator } from "../src/index.js";
import { signV1 } from "../src/sign/v1.js";
import { type Answer, type Call, call, complete, initiate, pattern, putPart } from "./client.js";

let emulator: OssEmulator;
let clock = 0;
beforeAll(async () => {
  emulator = await startOssEmulator({
    buckets: ["demo", "other"],
    now: () => Date.now() + clock,
    domains: { "cdn.example.com": "demo" },
    bodyTimeout: 100,
  });
});
afterEach(() => {
  clock = 0;
});
afterAll(() => emulator.close());

const demo = (wanted: Omit<Call, "bucket">) => call(emulator, { bucket: "demo", ...wanted });
const refusal = (answer: Answer) => [answer.status, answer.element("Code")];

describe("an object", () => {
  it("is put, chunked or not, and shown with all it carries", async () => {
    const headers = {
      "content-type": "text/plain",
      "cache-control": "no-cache",
      "x-oss-meta-name": Buffer.from("grün").toString("latin1"),
      "transfer-encoding": "chunked",
    };
    const put = await demo({ method: "PUT", key: "plain", headers, body: "hello" });
    expect([
      put.status,
      put.headers.etag,
      put.headers["content-md5"],
      put.headers["x-oss-hash-crc64ecma"],
    ]).toEqual([
      200,
      '"5D41402ABC4B2A76B9719D911017C592"',
      "XUFAKrxLKna5cZ2REBfFkg==",
      "11177612005948864433",
    ]);
    expect(put.headers["x-oss-request-id"]).toMatch(/^[0-9A-F]{24}$/);
    expect(put.headers["x-oss-server-time"]).toMatch(/^\d+$/);
    const head = await demo({ method: "HEAD", key: "plain" });
    expect(head.body).toHaveLength(0);
    expect(head.headers).toMatchObject({
      "content-length": "5",
      "content-type": "text/plain",
      "cache-control": "no-cache",
      "x-oss-object-type": "Normal",
      "x-oss-storage-class": "Standard",
      "accept-ranges": "bytes",
    });
    expect(Buffer.from(head.headers["x-oss-meta-name"] as string, "latin1").toString()).toBe("grün");
    const meta = await demo({ method: "HEAD", key: "plain", query: [["objectMeta", ""]] });
    expect([meta.headers["content-length"], meta.headers["content-type"]]).toEqual(["5", undefined]);
  });

  it("may be empty, and long", async () => {
    await demo({ method: "PUT", key: "empty", body: "" });
    const empty = await demo({ method: "GET", key: "empty" });
    expect([empty.status, empty.body.length, empty.headers["x-oss-hash-crc64ecma"]]).toEqual([200, 0, "0"]);
    const long = pattern(3_000_000);
    await demo({ method: "PUT", key: "long", body: long });
    expect((await demo({ method: "GET", key: "long" })).body.equals(long)).toBe(true);
  });

  it("is read by ranges and conditions", async () => {
    const { etag } = await emulator.putObjectDirect("demo", "r", "0123456789", { "content-type": "a/b" });
    const get = (headers: Record<string, string>) => demo({ method: "GET", key: "r", headers });
    const part = await get({ range: "bytes=2-4" });
    expect([part.status, part.text, part.headers["content-range"]]).toEqual([206, "234", "bytes 2-4/10"]);
    const over = { range: "bytes=8-20" };
    expect((await get(over)).text).toBe("0123456789");
    const standard = { "x-oss-range-behavior": "standard" };
    const clamped = await get({ ...over, ...standard });
    expect([clamped.status, clamped.text, clamped.headers["content-range"]]).toEqual([
      206,
      "89",
      "bytes 8-9/10",
    ]);
    expect(refusal(await get({ range: "bytes=10-", ...standard }))).toEqual([416, "InvalidRange"]);
    expect((await get({ "if-match": `"${etag}"` })).status).toBe(200);
    const failed = await get({ "if-match": '"other"' });
    expect([...refusal(failed), failed.element("Condition")]).toEqual([
      412,
      "PreconditionFailed",
      "If-Match",
    ]);
    const same = await get({ "if-none-match": `"${etag}"` });
    expect([same.status, same.body.length]).toEqual([304, 0]);
    const later = new Date(Date.now() + 5000).toUTCString();
    expect((await get({ "if-modified-since": later })).status).toBe(304);
    expect((await get({ "if-unmodified-since": new Date(0).toUTCString() })).status).toBe(412);
    const query = [["response-content-type", "x/y"]] as const;
    expect((await demo({ method: "GET", key: "r", query })).headers["content-type"]).toBe("x/y");
  });

  it("is refused with a wrong digest, name, header or overwrite", async () => {
    const put = (key: string, headers: Record<string, string> = {}) =>
      demo({ method: "PUT", key, headers, body: "x" });
    await put("exists");
    expect(refusal(await put("exists", { "x-oss-forbid-overwrite": "true" }))).toEqual([
      409,
      "FileAlreadyExists",
    ]);
    expect(refusal(await put("d", { "content-md5": "XUFAKrxLKna5cZ2REBfFkg==" }))).toEqual([
      400,
      "InvalidDigest",
    ]);
    expect(refusal(await put("d", { "content-md5": "short" }))).toEqual([400, "InvalidDigest"]);
    expect(refusal(await put("\\d"))).toEqual([400, "InvalidObjectName"]);
    expect(refusal(await put("/d"))).toEqual([400, "InvalidObjectName"]);
    expect(refusal(await put("é".repeat(512)))).toEqual([400, "InvalidObjectName"]);
    expect((await put("é".repeat(511))).status).toBe(200);
    expect(refusal(await put("d", { "x-oss-storage-class": "Cheap" }))).toEqual([400, "InvalidArgument"]);
    expect(refusal(await put("d", { "x-oss-object-acl": "mine" }))).toEqual([400, "InvalidArgument"]);
    expect(refusal(await put("d", { "x-oss-traffic-limit": "1" }))).toEqual([400, "InvalidArgument"]);
    expect(refusal(await put("d", { "x-oss-meta-long": "m".repeat(8200) }))).toEqual([
      400,
      "MetadataTooLarge",
    ]);
    expect(emulator.keys("demo")).not.toContain("d");
  });

  it("is copied and deleted, one by one or many", async () => {
    await demo({ method: "PUT", key: "src", body: "copy me", headers: { "x-oss-meta-a": "1" } });
    const from = { "x-oss-copy-source": "/demo/src" };
    await call(emulator, { method: "PUT", bucket: "other", key: "dst", headers: from });
    const replaced = { ...from, "x-oss-metadata-directive": "REPLACE", "x-oss-meta-b": "2" };
    await demo({ method: "PUT", key: "src", headers: replaced });
    const moved = await call(emulator, { method: "GET", bucket: "other", key: "dst" });
    expect([moved.text, moved.headers["x-oss-meta-a"]]).toEqual(["copy me", "1"]);
    const own = await demo({ method: "GET", key: "src" });
    expect([own.text, own.headers["x-oss-meta-a"], own.headers["x-oss-meta-b"]]).toEqual([
      "copy me",
      undefined,
      "2",
    ]);
    expect((await demo({ method: "DELETE", key: "src" })).status).toBe(204);
    expect((await demo({ method: "DELETE", key: "src" })).status).toBe(204);
    const body = "<Delete><Quiet>false</Quiet><Object><Key>a&amp;b</Key></Object></Delete>";
    await emulator.putObjectDirect("demo", "a&b", "x");
    const many = await demo({ method: "POST", query: [["delete", ""]], body });
    expect(many.element("Key")).toBe("a&amp;b");
    expect(await emulator.getObject("demo", "a&b")).toBeUndefined();
  });

  it("is listed page by page with prefixes", async () => {
    for (const key of ["l/a", "l/b/1", "l/b/2", "l/ü c", "l/\u{1f600}", "l/\u{ff5e}"]) {
      await emulator.putObjectDirect("demo", key, key);
    }
    const names = (answer: Answer) =>
      [...answer.text.matchAll(/<(?:Key|CommonPrefixes><Prefix)>([^<]+)</g)].map(([, name]) => name);
    const query = [
      ["prefix", "l/"],
      ["delimiter", "/"],
      ["encoding-type", "url"],
      ["max-keys", "3"],
    ] as const;
    const first = await demo({ method: "GET", query: [["list-type", "2"], ...query] });
    const token = first.element("NextContinuationToken")!;
    const second = await demo({
      method: "GET",
      query: [["list-type", "2"], ["continuation-token", token], ...query],
    });
    expect(names(first).sort()).toEqual(["l/a", "l/b/", "l/%C3%BC%20c"].sort());
    expect(names(second)).toEqual(["l/%EF%BD%9E", "l/%F0%9F%98%80"]);
    expect([first.element("IsTruncated"), second.element("IsTruncated")]).toEqual(["true", "false"]);
  });
});

describe("who asks", () => {
  const put = (more: Partial<Call>) => demo({ method: "PUT", key: "auth", body: "x", ...more });

  it.each(["v1", "v4"] as const)("must be known, on time and sign right (%s)", async (sign) => {
    expect((await put({ sign })).status).toBe(200);
    const unknown = await put({ sign, credentials: { accessKeyId: "who", accessKeySecret: "x" } });
    expect([...refusal(unknown), unknown.element("OSSAccessKeyId")]).toEqual([
      403,
      "InvalidAccessKeyId",
      "who",
    ]);
    const wrong = await put({ sign, credentials: { accessKeyId: "emulator-id", accessKeySecret: "guess" } });
    expect(refusal(wrong)).toEqual([403, "SignatureDoesNotMatch"]);
    expect(wrong.element("StringToSign")).toBeTruthy();
    const now = Date.now() - 16 * 60_000;
    const late = await put({ sign, now });
    expect([...refusal(late), late.element("MaxAllowedSkewMilliseconds")]).toEqual([
      403,
      "RequestTimeTooSkewed",
      "900000",
    ]);
    const gap = Date.parse(late.element("ServerTime")!) - Date.parse(late.element("RequestTime")!);
    expect(gap).toBeGreaterThan(15 * 60_000);
    clock = -16 * 60_000;
    expect((await put({ sign, now })).status).toBe(200);
  });

  it("must name the region of the bucket", async () => {
    expect(refusal(await put({ region: "cn-beijing" }))).toEqual([400, "InvalidArgument"]);
  });

  it("may be nobody only for what is public", async () => {
    await demo({ method: "PUT", key: "public", body: "p", headers: { "x-oss-object-acl": "public-read" } });
    expect((await demo({ method: "GET", key: "public", sign: "none" })).text).toBe("p");
    expect(refusal(await demo({ method: "GET", key: "plain", sign: "none" }))).toEqual([403, "AccessDenied"]);
    expect(refusal(await demo({ method: "PUT", key: "public", sign: "none", body: "q" }))).toEqual([
      403,
      "AccessDenied",
    ]);
  });

  it("finds the bucket in a virtual host or a custom domain too", async () => {
    await emulator.putObjectDirect("demo", "hosted/x", "h");
    for (const host of ["demo.oss-cn-hangzhou.aliyuncs.com", "cdn.example.com"]) {
      for (const path of ["/hosted/x", "/hosted%2Fx"]) {
        const answer = await demo({ method: "GET", key: "hosted/x", headers: { host }, path });
        expect(answer.text).toBe("h");
      }
    }
  });
});

describe("a client that asks before it sends", () => {
  const ask = (authorization: string, date: string) =>
    new Promise<{ status: number; sent: boolean }>((resolve, reject) => {
      let sent = false;
      const headers = { expect: "100-continue", "content-length": 5, date, authorization };
      const target = {
        host: "127.0.0.1",
        port: emulator.port,
        method: "PUT",
        path: "/demo/asked",
        agent: false,
      };
      const outgoing = request({ ...target, headers }, (answer) => {
        answer.resume().on("end", () => resolve({ status: answer.statusCode ?? 0, sent }));
      });
      outgoing.on("continue", () => {
        sent = true;
        outgoing.end("hello");
      });
      outgoing.on("error", reject);
      outgoing.flushHeaders();
    });

  it("is told to go on, or refused before it has sent the body", async () => {
    const date = new Date().toUTCString();
    const signable = { method: "PUT", bucket: "demo", key: "asked", query: [], headers: new Map() };
    const { signature } = signV1(signable, "emulator-secret", date);
    expect(await ask(`OSS emulator-id:${signature}`, date)).toEqual({ status: 200, sent: true });
    expect(await ask("OSS emulator-id:wrong", date)).toEqual({ status: 403, sent: false });
  });
});

describe("what makes no sense", () => {
  it.each<[string, Partial<Call>, number, string]>([
    ["an unknown bucket", { bucket: "missing" }, 404, "NoSuchBucket"],
    ["an unknown key", { key: "missing" }, 404, "NoSuchKey"],
    ["an unknown method", { method: "PATCH" }, 405, "MethodNotAllowed"],
    ["an operation that does not exist here", { query: [["symlink", ""]] }, 501, "NotImplemented"],
    ["a version", { query: [["versionId", "1"]] }, 501, "NotImplemented"],
    ["a broken URL", { path: "/demo/%zz" }, 400, "InvalidURI"],
    [
      "appending",
      {
        method: "POST",
        query: [
          ["append", ""],
          ["position", "0"],
        ],
      },
      501,
      "NotImplemented",
    ],
    ["a form upload", { method: "POST" }, 405, "MethodNotAllowed"],
    [
      "a page of no size",
      {
        query: [
          ["uploadId", "x"],
          ["max-parts", "0"],
        ],
      },
      404,
      "NoSuchUpload",
    ],
  ])("is refused: %s", async (_what, wanted, status, code) => {
    const answer = await call(emulator, { method: "GET", bucket: "demo", key: "k", ...wanted });
    expect([answer.status, answer.element("Code")]).toEqual([status, code]);
    expect(answer.headers["x-oss-ec"]).toMatch(/^\d{4}-\d{8}$/);
  });

  it("is told in a header where HEAD has no body", async () => {
    const answer = await demo({ method: "HEAD", key: "missing" });
    expect([answer.status, answer.body.length]).toEqual([404, 0]);
    expect(Buffer.from(answer.headers["x-oss-err"] as string, "base64").toString()).toContain(
      "<Code>NoSuchKey</Code>",
    );
  });

  it("is a body that stops coming", async () => {
    const answer = await demo({ method: "PUT", key: "stopped", body: "12345", onlyFirst: 2 });
    expect(refusal(answer)).toEqual([400, "RequestTimeout"]);
    expect(await emulator.getObject("demo", "stopped")).toBeUndefined();
  });
});

describe("a callback", () => {
  it("is posted, and its answer becomes the answer; a bad one gives 203 and the object stays", async () => {
    const bodies: string[] = [];
    let status = 200;
    const server = createServer(async (request, response) => {
      bodies.push(Buffer.concat(await request.toArray()).toString());
      response.writeHead(status).end('{"ok":true}');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const hole = (name: string) => `$\{${name}}`;
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64");
    const headers = (url: string) => ({
      "x-oss-callback": encode({
        callbackUrl: url,
        callbackBody: `{"key":${hole("object")},"size":${hole("size")},"by":${hole("x:by")}}`,
        callbackBodyType: "application/json",
      }),
      "x-oss-callback-var": encode({ "x:by": "me" }),
    });
    try {
      const put = await demo({
        method: "PUT",
        key: "cb 1",
        body: "x",
        headers: headers(`http://127.0.0.1:${port}/`),
      });
      expect([put.status, put.text]).toEqual([200, '{"ok":true}']);
      expect(bodies).toEqual(['{"key":"cb 1","size":1,"by":"me"}']);
      status = 500;
      const uploadId = await initiate(emulator, "cb2");
      const { etag } = (await putPart(emulator, "cb2", uploadId, 1, "y")).headers;
      const done = await complete(
        emulator,
        "cb2",
        uploadId,
        [[1, etag!]],
        headers(`http://127.0.0.1:${port}/`),
      );
      expect([...refusal(done), done.element("EC")]).toEqual([203, "CallbackFailed", "0007-00000203"]);
      expect(done.headers.etag).toMatch(/-1"$/);
      expect(await emulator.getObject("demo", "cb2")).toBeDefined();
      const far = await demo({
        method: "PUT",
        key: "cb3",
        body: "x",
        headers: headers("http://example.com/"),
      });
      expect(refusal(far)).toEqual([203, "CallbackFailed"]);
      const bad = await demo({ method: "PUT", key: "cb4", body: "x", headers: { "x-oss-callback": "e30=" } });
      expect(refusal(bad)).toEqual([400, "InvalidArgument"]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe("a client that leaves", () => {
  it("before the answer leaves a finished entry that is not acknowledged", async () => {
    let answerCallback = () => {};
    const called = new Promise<string>((resolve) => {
      const server = createServer((_request, response) => {
        answerCallback = () => {
          response.setHeader("connection", "close").end("{}");
          server.close();
        };
        outgoing?.destroy();
        resolve("called");
      });
      server.listen(0, "127.0.0.1", () => void put((server.address() as AddressInfo).port));
    });
    let outgoing: ReturnType<typeof request> | undefined;
    const put = (port: number) => {
      const rule = { callbackUrl: `http://127.0.0.1:${port}/`, callbackBody: "a=b" };
      const callback = Buffer.from(JSON.stringify(rule)).toString("base64");
      const date = new Date().toUTCString();
      const headers = new Map([["x-oss-callback", callback]]);
      const signable = { method: "PUT", bucket: "demo", key: "left", query: [], headers };
      const { signature } = signV1(signable, "emulator-secret", date);
      const authorization = `OSS emulator-id:${signature}`;
      outgoing = request({
        host: "127.0.0.1",
        port: emulator.port,
        method: "PUT",
        path: "/demo/left",
        agent: false,
        headers: { date, authorization, "x-oss-callback": callback, "content-length": 1 },
      });
      outgoing.on("error", () => {});
      outgoing.end("x");
    };
    await called;
    const entry = emulator.log.find(({ key }) => key === "left")!;
    expect(entry.finished).toBe(false);
    // After a whole other request the emulator has seen the end of this connection too.
    await demo({ method: "GET", key: "none" });
    answerCallback();
    await expect.poll(() => entry.finished).toBe(true);
    expect(entry).toMatchObject({ status: 0, acknowledged: false });
    expect(emulator.keys("demo")).toContain("left");
  });
});

describe("options", () => {
  it.each([
    [{ buckets: ["No"] }, "bucket name"],
    [{ pageSize: 0 }, "pageSize"],
    [{ network: { resetProbability: -1 } }, "resetProbability"],
    [{ credentials: [{ accessKeyId: "", accessKeySecret: "s" }] }, "accessKeyId"],
  ])("that make no sense are refused: %j", async (options, message) => {
    await expect(startOssEmulator(options)).rejects.toThrow(message);
  });
});
