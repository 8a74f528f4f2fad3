import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type OssEmulator, startOssEmulator } from "@partwise/oss-emulator";
import { Agent, request } from "undici";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type OssTransport, type OssTransportOptions, ossTransport } from "../src/index.js";
import { bodyOf, calm, errorOf, textBody, textOf } from "./support/bodies.js";

const keys = { accessKeyId: "emulator-id", accessKeySecret: "emulator-secret" };

let emulator: OssEmulator;
const open: OssTransport[] = [];

beforeAll(async () => {
  emulator = await startOssEmulator({ buckets: ["demo", "other"], domains: { localhost: "demo" } });
});
afterAll(() => emulator.close());
beforeEach(() => {
  emulator.faults.clear();
  emulator.clearLog();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
});

function connect(options: Partial<OssTransportOptions> = {}): OssTransport {
  const transport = ossTransport({
    bucket: "demo",
    endpoint: emulator.endpoint,
    region: emulator.region,
    credentials: keys,
    ...options,
  });
  open.push(transport);
  return transport;
}

async function session(transport: OssTransport, key: string) {
  return (await transport.openSession({ key }, calm)).session;
}

describe("headers on the wire", () => {
  it("carry metadata in UTF-8, signed by V4 and V1 alike", async () => {
    for (const signature of ["v4", "v1"] as const) {
      const key = `meta-${signature}`;
      const options = { metadata: { author: "Zoë 漢字 🙂" }, contentDisposition: 'attachment; filename="é"' };
      await connect({ signature }).putObject({ key, body: textBody("x"), options }, calm);
      const stored = await emulator.getObject("demo", key);
      const value = stored?.headers["x-oss-meta-author"] ?? "";
      expect([value, Buffer.from(value, "latin1").toString("utf8")]).toContain("Zoë 漢字 🙂");
    }
  });

  it("go where they belong, and the payer's everywhere", async () => {
    const transport = connect({ requestPayer: true });
    const options = { storageClass: "IA", acl: "private", ifAbsent: true, trafficLimit: 838_860_800 };
    const { session } = await transport.openSession({ key: "routed", options }, calm);
    const { receipt } = await transport.putPart({ session, number: 1, body: textBody("x"), options }, calm);
    for await (const _ of transport.listParts({ session, options }, calm));
    await transport.completeSession({ session, parts: [receipt], options }, calm);
    const sent = emulator.log.map(({ operation, headers }) => [
      operation,
      Object.keys(headers)
        .filter((name) => /^x-oss-(?!date|content-sha256)/.test(name))
        .sort(),
    ]);
    expect(sent).toEqual([
      ["InitiateMultipartUpload", ["x-oss-forbid-overwrite", "x-oss-request-payer", "x-oss-storage-class"]],
      ["UploadPart", ["x-oss-request-payer", "x-oss-traffic-limit"]],
      ["ListParts", ["x-oss-request-payer"]],
      ["CompleteMultipartUpload", ["x-oss-forbid-overwrite", "x-oss-object-acl", "x-oss-request-payer"]],
    ]);
  });

  it("name a length for every request with a body, and never chunks", async () => {
    const transport = connect();
    await transport.putObject({ key: "length", body: bodyOf(new Uint8Array(300_000)) }, calm);
    await transport.putObject({ key: "length", body: bodyOf(new Uint8Array(0)) }, calm);
    expect(
      emulator.log.map(({ headers }) => [headers["content-length"], headers["transfer-encoding"]]),
    ).toEqual([
      ["300000", undefined],
      ["0", undefined],
    ]);
  });
});

describe("ways to a bucket", () => {
  it("goes by virtual host", async () => {
    const dispatcher = new Agent({
      connect: { lookup: (_name, _options, found) => found(null, [{ address: "127.0.0.1", family: 4 }]) },
    });
    const endpoint = `http://oss-${emulator.region}.aliyuncs.com:${emulator.port}`;
    const transport = connect({ endpoint, dispatcher });
    await transport.putObject({ key: "by host", body: textBody("virtual") }, calm);
    expect(emulator.log[0]?.headers.host).toBe(`demo.oss-${emulator.region}.aliyuncs.com:${emulator.port}`);
    expect((await transport.findObject({ key: "by host" }, calm))?.size).toBe(7);
    await dispatcher.close();
  });

  it("leaves a dispatcher that it was given open", async () => {
    const dispatcher = new Agent();
    const transport = connect({ dispatcher });
    await transport.findObject({ key: "x" }, calm);
    await transport.close();
    expect((await request(emulator.endpoint, { dispatcher })).statusCode).toBeGreaterThan(0);
    await dispatcher.close();
    const error = await errorOf(transport.findObject({ key: "x" }, calm));
    expect(error).toMatchObject({ code: "rejected", outcome: "not-applied" });
    expect(String(error)).toContain("closed");
  });

  it("tells a missing bucket from a missing object", async () => {
    expect(await connect().findObject({ key: "nothing" }, calm)).toBeUndefined();
    const error = await errorOf(connect({ bucket: "nobody" }).findObject({ key: "nothing" }, calm));
    expect(error).toMatchObject({ code: "not-found", details: { providerCode: "NoSuchBucket" } });
  });

  it("keeps connections for calls that follow one another, HEAD among them", async () => {
    const sockets = new Set<unknown>();
    const counter = createServer((incoming, answer) => {
      sockets.add(incoming.socket);
      answer.writeHead(404).end();
    });
    await new Promise<void>((resolve) => counter.listen(0, "127.0.0.1", resolve));
    const { port } = counter.address() as AddressInfo;
    const transport = connect({ endpoint: `http://127.0.0.1:${port}` });
    for (let i = 0; i < 10; i++) expect(await transport.findObject({ key: "x" }, calm)).toBeUndefined();
    // undici's pool may open a second one while it tidies up after the first answer.
    expect(sockets.size).toBeLessThanOrEqual(2);
    await transport.close();
    await new Promise((resolve) => counter.close(resolve));
  });
});

describe("when it goes wrong", () => {
  it("was not applied when nobody listens", async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const transport = connect({ endpoint: `http://127.0.0.1:${port}` });
    const error = await errorOf(transport.putObject({ key: "x", body: textBody("x") }, calm));
    expect(error).toMatchObject({ code: "unavailable", outcome: "not-applied", retryable: true });
    expect(String(error)).toContain("ECONNREFUSED");
  });

  it("was not applied, and is final, when the other side does not speak TLS", async () => {
    const transport = connect({ endpoint: `https://127.0.0.1:${emulator.port}` });
    const error = await errorOf(transport.putObject({ key: "x", body: textBody("x") }, calm));
    expect(error).toMatchObject({ code: "rejected", outcome: "not-applied", retryable: false });
    expect(String(error)).toContain("http://");
  });

  it("closes when the answer came early and the remote reads no more", async () => {
    const refuser = createServer((_incoming, answer) => {
      answer.writeHead(403, { "content-type": "application/xml" });
      answer.end("<Error><Code>AccessDenied</Code><Message>No.</Message></Error>");
    });
    await new Promise<void>((resolve) => refuser.listen(0, "127.0.0.1", resolve));
    const { port } = refuser.address() as AddressInfo;
    const transport = connect({ endpoint: `http://127.0.0.1:${port}` });
    const piece = new Uint8Array(1024 * 1024);
    let freed = 0;
    // More than any kernel keeps for a reader that does not read.
    const body = {
      ...bodyOf(new Uint8Array(0)),
      size: 256 * piece.length,
      async *open() {
        try {
          for (let i = 0; i < 256; i++) yield piece;
        } finally {
          freed++;
        }
      },
    };
    const put = transport.putPart({ session: { key: "k", id: "ID" }, number: 1, body }, calm);
    expect(["denied", "unavailable"]).toContain(((await errorOf(put)) as { code: string }).code);
    await transport.close();
    expect(freed).toBe(1);
    refuser.closeAllConnections();
    await new Promise((resolve) => refuser.close(resolve));
  });

  it("ends a body early when the answer comes early, and frees its reader", async () => {
    const refuser = createServer((_incoming, answer) => {
      // Reads nothing: the client is stuck with most of its body.
      answer.writeHead(403, { "content-type": "application/xml" });
      answer.end("<Error><Code>AccessDenied</Code><Message>No.</Message></Error>");
    });
    await new Promise<void>((resolve) => refuser.listen(0, "127.0.0.1", resolve));
    const { port } = refuser.address() as AddressInfo;
    const transport = connect({ endpoint: `http://127.0.0.1:${port}` });
    let freed = 0;
    let given = 0;
    const body = {
      ...bodyOf(new Uint8Array(0)),
      size: 5 * 1024 * 1024,
      async *open() {
        try {
          for (let i = 0; i < 80; i++) {
            given++;
            yield new Uint8Array(64 * 1024);
            await new Promise((resolve) => setImmediate(resolve));
          }
        } finally {
          freed++;
        }
      },
    };
    const error = await errorOf(
      transport.putPart({ session: { key: "k", id: "ID" }, number: 1, body }, calm),
    );
    // The refusal, or the reset that may overtake it: never a hang.
    expect(["denied", "unavailable"]).toContain((error as { code: string }).code);
    await expect.poll(() => freed).toBe(1);
    expect(given).toBeLessThan(80);
    await transport.close();
    refuser.closeAllConnections();
    await new Promise((resolve) => refuser.close(resolve));
  });

  it("does not hang when the emulator refuses a 5 MiB body at once", async () => {
    const transport = connect();
    const id = await session(transport, "early");
    emulator.faults.add({
      when: { operation: "UploadPart" },
      fault: { kind: "status", status: 403, code: "AccessDenied" },
    });
    const body = bodyOf(new Uint8Array(5 * 1024 * 1024));
    const error = await errorOf(transport.putPart({ session: id, number: 1, body }, calm));
    expect(["denied", "unavailable"]).toContain((error as { code: string }).code);
    const { receipt } = await transport.putPart({ session: id, number: 1, body: textBody("next") }, calm);
    expect(receipt.size).toBe(4);
  });

  it("closes the socket when aborted in the middle of a body", async () => {
    const transport = connect();
    const id = await session(transport, "aborted");
    const stop = new AbortController();
    let freed = false;
    const body = {
      ...bodyOf(new Uint8Array(0)),
      size: 1_000_000,
      async *open({ signal }: { signal?: AbortSignal } = {}) {
        try {
          yield new Uint8Array(100_000);
          await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
        } finally {
          freed = true;
        }
      },
    };
    const work = errorOf(transport.putPart({ session: id, number: 1, body }, { signal: stop.signal }));
    const part = () => emulator.log.find(({ operation }) => operation === "UploadPart");
    await expect.poll(() => part()?.bytesReceived).toBe(100_000);
    const reason = new Error("paused");
    stop.abort(reason);
    expect(await work).toBe(reason);
    expect(freed).toBe(true);
    await expect.poll(() => part()?.finished).toBe(true);
    expect(part()).toMatchObject({ status: 0, acknowledged: false });
  });

  it("tells a gateway's page from an answer of OSS", async () => {
    const transport = connect();
    const id = await session(transport, "gateway");
    const complete = () =>
      errorOf(transport.completeSession({ session: id, parts: [{ number: 1, size: 1, tag: "A" }] }, calm));
    for (const body of ["<html><body>Bad Gateway</body></html>", ""]) {
      emulator.faults.add({ fault: { kind: "status", status: 502, body } });
      expect(await complete()).toMatchObject({ code: "unavailable", outcome: "unknown" });
    }
    emulator.faults.add({ fault: { kind: "status", status: 503, code: "ServiceUnavailable" } });
    expect(await complete()).toMatchObject({ code: "unavailable", outcome: "not-applied" });
  });

  it("says that a session is gone", async () => {
    const transport = connect();
    const id = await session(transport, "gone");
    await emulator.dropSession(id.id);
    const error = await errorOf(transport.putPart({ session: id, number: 1, body: textBody("x") }, calm));
    expect(error).toMatchObject({ code: "session-gone", outcome: "not-applied", retryable: false });
    expect(await transport.abortSession({ session: id }, calm)).toMatchObject({
      requestId: expect.any(String),
    });
  });

  it("learns the remote's clock from a refusal, and signs by it", async () => {
    const wrong = {
      now: () => Date.now() - 7_200_000,
      sleep: async () => {},
      random: () => 0,
    };
    for (const signature of ["v4", "v1"] as const) {
      const transport = connect({ clock: wrong, signature });
      const put = () => transport.putObject({ key: "late", body: textBody("x") }, calm);
      expect(await errorOf(put())).toMatchObject({ code: "clock-skewed", retryable: true });
      expect((await put()).size).toBe(1);
    }
  });

  it("refreshes expired credentials once for eight requests at once", async () => {
    emulator.addCredentials({ accessKeyId: "sts-1", accessKeySecret: "s1", securityToken: "t1" });
    emulator.addCredentials({ accessKeyId: "sts-2", accessKeySecret: "s2", securityToken: "t2" });
    let asked = 0;
    const credentials = async () => {
      asked++;
      return { accessKeyId: `sts-${asked}`, accessKeySecret: `s${asked}`, securityToken: `t${asked}` };
    };
    const transport = connect({ credentials });
    const put = (i: number) => transport.putObject({ key: `sts/${i}`, body: textBody("x") }, calm);
    await put(0);
    emulator.expireCredentials("sts-1");
    const errors = await Promise.all(Array.from({ length: 8 }, (_, i) => errorOf(put(i))));
    for (const error of errors) expect(error).toMatchObject({ code: "credentials-expired", retryable: true });
    await Promise.all(Array.from({ length: 8 }, (_, i) => put(i)));
    expect(asked).toBe(2);
  });

  it("asks again for the same credentials once, and anew after they worked", async () => {
    const transport = connect({ credentials: async () => keys });
    const find = () => transport.findObject({ key: "x" }, calm);
    for (let i = 0; i < 2; i++) {
      emulator.faults.add({ times: 1, fault: { kind: "credentials-expired" } });
      expect(await errorOf(find())).toMatchObject({ code: "credentials-expired" });
      expect(await find()).toBeUndefined();
    }
    emulator.faults.add({ times: 2, fault: { kind: "credentials-expired" } });
    expect(await errorOf(find())).toMatchObject({ code: "credentials-expired" });
    expect(await errorOf(find())).toMatchObject({ code: "denied", retryable: false });
  });

  it("is denied with what to do when fixed credentials are wrong", async () => {
    const wrong = [
      { accessKeyId: "nobody", accessKeySecret: "hush-secret" },
      { ...keys, accessKeySecret: "hush-secret" },
    ];
    for (const credentials of wrong) {
      const error = await errorOf(connect({ credentials }).findObject({ key: "x" }, calm));
      expect(error).toMatchObject({ code: "denied", outcome: "not-applied", retryable: false });
      expect(String(error)).not.toContain("hush-secret");
      expect(String(error)).toMatch(/Check|permission/);
    }
  });
});

describe("signed requests", () => {
  it.each(["v4", "v1"] as const)("let anybody put, find and read with %s", async (version) => {
    const transport = connect();
    for (const key of [`signed ${version}+ü`, `a/../dots ${version}`]) {
      const headers = { "content-type": "text/plain", "x-oss-meta-a": "1" };
      const put = await transport.presign({ method: "PUT", key, headers, version });
      const stored = await fetch(put.url, { method: "PUT", headers: put.headers, body: "by url" });
      expect(stored.status).toBe(200);
      const get = await transport.presign({ method: "GET", key, version, expiresIn: 60 });
      expect(await (await fetch(get.url)).text()).toBe("by url");
      expect((await fetch(get.url.replace("ignature=", "ignature=0"))).status).toBe(403);
    }
  });

  it("cover every step of a session", async () => {
    const transport = connect({ credentials: { ...keys } });
    const key = "signed-session";
    const opening = await transport.presign({ method: "POST", key, query: { uploads: "" } });
    const text = await (await fetch(opening.url, { method: "POST" })).text();
    const id = /<UploadId>(.*)<\/UploadId>/.exec(text)?.[1] ?? "";
    const part = await transport.presign({
      method: "PUT",
      key,
      query: { partNumber: "1", uploadId: id },
    });
    expect((await fetch(part.url, { method: "PUT", body: Buffer.from("part") })).status).toBe(200);
    const parts = [];
    for await (const page of transport.listParts({ session: { key, id } }, calm)) parts.push(...page.parts);
    expect(parts.map(({ number, size }) => [number, size])).toEqual([[1, 4]]);
  });

  it("live no longer than they may", async () => {
    const transport = connect();
    for (const expiresIn of [0, -1, 1.5, 604_801])
      expect(await errorOf(transport.presign({ method: "GET", key: "k", expiresIn }))).toMatchObject({
        code: "invalid-options",
      });
    const injected = transport.presign({ method: "PUT", key: "k", headers: { a: "1\r\nb: 2" } });
    expect(await errorOf(injected)).toMatchObject({ code: "invalid-options" });
  });
});

describe("callbacks", () => {
  it("are reported whether they worked or not; the object is stored in both cases", async () => {
    let status = 200;
    const listener = createServer((incoming, answer) => {
      incoming.resume();
      answer.writeHead(status, { "content-type": "application/json" }).end('{"seen":true}');
    });
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    const { port } = listener.address() as AddressInfo;
    const options = { callback: { url: `http://127.0.0.1:${port}/cb`, body: "object=x" } };
    const transport = connect();
    const complete = async (key: string) => {
      const id = await session(transport, key);
      const { receipt } = await transport.putPart({ session: id, number: 1, body: textBody("part") }, calm);
      return transport.completeSession({ session: id, parts: [receipt], options }, calm);
    };
    const put = (key: string) => transport.putObject({ key, body: textBody("part"), options }, calm);
    for (const send of [complete, put]) {
      status = 200;
      expect(await send("called")).toMatchObject({
        size: 4,
        tag: expect.stringMatching(/^[0-9A-F]{32}/),
        checksum: { kind: "crc64ecma" },
        callback: { ok: true, answer: '{"seen":true}' },
      });
      status = 500;
      const failed = await send("called");
      expect(failed).toMatchObject({ size: 4, callback: { ok: false } });
      expect(failed.tag).toMatch(/^[0-9A-F]{32}/);
      expect(failed.callback?.answer).toContain("CallbackFailed");
    }
    await new Promise((resolve) => listener.close(resolve));
  });
});

describe("copying", () => {
  it("copies from another bucket, by tag", async () => {
    await emulator.putObjectDirect("other", "from/ü +", "0123456789");
    const transport = connect();
    const id = await session(transport, "copied");
    const range = { start: 2, end: 6 };
    const from = { bucket: "other", key: "from/ü +", range };
    const tag = (await emulator.getObject("other", "from/ü +"))?.etag ?? "";
    const { receipt } = await transport.copyPart({ session: id, number: 1, from: { ...from, tag } }, calm);
    const other = transport.copyPart(
      { session: id, number: 1, from: { ...from, tag: "0".repeat(32) } },
      calm,
    );
    expect(await errorOf(other)).toMatchObject({ code: "object-changed" });
    await transport.completeSession({ session: id, parts: [receipt] }, calm);
    const { body } = await transport.readRange({ key: "copied" }, calm);
    expect(await textOf(body)).toBe("2345");
  });
});
