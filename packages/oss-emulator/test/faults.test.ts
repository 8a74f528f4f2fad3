import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Fault, type LoggedRequest, type OssEmulator, startOssEmulator } from "../src/index.js";
import { Crc64 } from "../src/store/crc64.js";
import { type Answer, type Call, call, complete, initiate, pattern, putPart } from "./client.js";

let emulator: OssEmulator;
beforeAll(async () => {
  emulator = await startOssEmulator();
});
afterEach(() => {
  emulator.faults.clear();
  emulator.setNetwork({});
  emulator.clearLog();
});
afterAll(() => emulator.close());

const BODY = pattern(1_000_000);
const demo = (wanted: Omit<Call, "bucket">) => call(emulator, { bucket: "demo", ...wanted });
const put = (key: string, body: Buffer | string = BODY) => demo({ method: "PUT", key, body });
const refusal = (answer: Answer) => [answer.status, answer.element("Code")];
const last = (): LoggedRequest => emulator.log.at(-1)!;
const settled = async (entry: LoggedRequest) => expect.poll(() => entry.finished).toBe(true);

describe("a fault rule", () => {
  it("hits only what matches, after what passes, as often as it says", async () => {
    const rule = emulator.faults.add({
      when: { operation: "PutObject", predicate: ({ key }) => key?.startsWith("m") ?? false },
      after: 1,
      times: 2,
      fault: { kind: "status", status: 503, code: "ServiceUnavailable", retryAfter: 7 },
    });
    const statuses: number[] = [];
    for (const key of ["n", "m", "m", "n", "m", "m"]) statuses.push((await put(key, "x")).status);
    expect(statuses).toEqual([200, 200, 503, 200, 503, 200]);
    expect([rule.matched, rule.fired]).toEqual([4, 2]);
    await rule.whenFired(2);
  });

  it.each<[unknown, string]>([
    [{ fault: { kind: "explode" } }, 'kind "explode"'],
    [{ fault: { kind: "delay" } }, "ms must be a number"],
    [{ fault: { kind: "delay", ms: 1 }, whn: {} }, 'no field "whn"'],
    [{ when: { part: 1 }, fault: { kind: "lost-answer" } }, 'no field "part"'],
    [{ fault: { kind: "status", status: 99 } }, "200 to 599"],
    [{ fault: { kind: "stall", where: "here" } }, "before-body"],
    [{ fault: { kind: "lost-answer" }, times: "often" }, "times"],
  ])("that cannot work is refused: %j", (rule, message) => {
    expect(() => emulator.faults.add(rule as never)).toThrow(message);
  });
});

describe("a fault", () => {
  it("answers HTML or nothing", async () => {
    emulator.faults.add({ fault: { kind: "status", status: 502, body: "<html>bad gateway</html>" } });
    const html = await put("x");
    expect([html.status, html.text, html.headers["content-type"]]).toEqual([
      502,
      "<html>bad gateway</html>",
      "text/html",
    ]);
    emulator.faults.add({ fault: { kind: "status", status: 500, body: "", errHeader: true } });
    const empty = await put("x");
    expect([empty.status, empty.text]).toEqual([500, ""]);
    expect(Buffer.from(empty.headers["x-oss-err"] as string, "base64").toString()).toContain("InternalError");
  });

  it.each<[Fault, number]>([
    [{ kind: "reset-before" }, 0],
    [{ kind: "reset-mid-body", afterBytes: 500_000 }, 500_000],
    [{ kind: "reset-mid-body", afterBytes: 5_000_000 }, 1_000_000],
  ])("breaks the connection: %j", async (fault, least) => {
    emulator.faults.add({ fault });
    await expect(put("broken")).rejects.toThrow(/ECONNRESET|socket hang up|EPIPE/);
    const entry = last();
    await settled(entry);
    expect(entry).toMatchObject({ status: 0, acknowledged: false });
    expect(entry.bytesReceived).toBeGreaterThanOrEqual(least);
    expect(await emulator.getObject("demo", "broken")).toBeUndefined();
  });

  it("does the work and loses the answer", async () => {
    const uploadId = await initiate(emulator, "lost");
    const { etag } = (await putPart(emulator, "lost", uploadId, 1, "part")).headers;
    emulator.faults.add({ when: { operation: "CompleteMultipartUpload" }, fault: { kind: "lost-answer" } });
    await expect(complete(emulator, "lost", uploadId, [[1, etag!]])).rejects.toThrow();
    expect(await emulator.getObject("demo", "lost")).toMatchObject({ size: 4 });
    expect(last()).toMatchObject({ operation: "CompleteMultipartUpload", status: 0, acknowledged: false });
    expect(refusal(await complete(emulator, "lost", uploadId, [[1, etag!]]))).toEqual([404, "NoSuchUpload"]);
  });

  it.each<Fault>([
    { kind: "stall", where: "before-body" },
    { kind: "stall", where: "mid-body", afterBytes: 10 },
    { kind: "stall", where: "answer" },
  ])("goes silent until the emulator closes or the client goes: %j", async (fault) => {
    const own = await startOssEmulator();
    const rule = own.faults.add({ fault });
    const pending = call(own, { method: "PUT", bucket: "demo", key: "s", body: BODY });
    const failed = expect(pending).rejects.toThrow();
    await rule.whenFired();
    if (fault.kind === "stall" && fault.where === "answer") {
      await expect.poll(() => own.keys("demo")).toEqual(["s"]);
    } else expect(own.keys("demo")).toEqual([]);
    expect(own.log[0]).toMatchObject({ finished: false, status: 0 });
    await own.close();
    await failed;
  });

  it("goes silent for a time only, or waits first", async () => {
    emulator.faults.add({ fault: { kind: "stall", where: "mid-body", ms: 30 } });
    emulator.faults.add({ fault: { kind: "delay", ms: 30 } });
    expect((await put("slow")).status).toBe(200);
    // Timers may fire a millisecond early.
    expect(last().duration).toBeGreaterThanOrEqual(58);
  });

  it("slows bodies down", async () => {
    emulator.faults.add({ fault: { kind: "throttle", bytesPerSecond: 5_000_000 } });
    await put("throttled");
    expect(last().duration).toBeGreaterThan(150);
  });

  it("cuts and silences downloads", async () => {
    await put("down");
    emulator.faults.add({
      when: { operation: "GetObject" },
      fault: { kind: "reset-mid-body", afterBytes: 400_000 },
    });
    await expect(demo({ method: "GET", key: "down" })).rejects.toThrow();
    expect(last()).toMatchObject({ status: 200, acknowledged: false });
    emulator.faults.add({
      when: { operation: "GetObject" },
      fault: { kind: "stall", where: "answer", afterBytes: 300_000, ms: 20 },
    });
    expect((await demo({ method: "GET", key: "down" })).body.equals(BODY)).toBe(true);
    emulator.faults.add({ when: { operation: "GetObject" }, fault: { kind: "corrupt-body" } });
    expect((await demo({ method: "GET", key: "down" })).body.equals(BODY)).toBe(false);
  });

  it("drops the session first", async () => {
    const uploadId = await initiate(emulator, "gone");
    emulator.faults.add({ when: { operation: "UploadPart" }, fault: { kind: "session-gone" } });
    expect(refusal(await putPart(emulator, "gone", uploadId, 1, "x"))).toEqual([404, "NoSuchUpload"]);
    expect(emulator.sessions("demo").map((session) => session.uploadId)).not.toContain(uploadId);
  });

  it("tells a wrong checksum, or stores wrong bytes and tells theirs", async () => {
    const crc = new Crc64();
    crc.update(BODY);
    const right = crc.digest().toString();
    emulator.faults.add({ fault: { kind: "wrong-checksum" } });
    expect((await put("w")).headers["x-oss-hash-crc64ecma"]).not.toBe(right);
    expect((await emulator.getObject("demo", "w"))?.crc64).toBe(right);
    emulator.faults.add({ fault: { kind: "corrupt-body" } });
    const told = (await put("c")).headers["x-oss-hash-crc64ecma"];
    expect(told).not.toBe(right);
    expect((await emulator.getObject("demo", "c"))?.crc64).toBe(told);
  });

  it("lets credentials expire and the clock run off", async () => {
    emulator.faults.add({ fault: { kind: "credentials-expired" } });
    expect(refusal(await put("e"))).toEqual([403, "SecurityTokenExpired"]);
    emulator.faults.add({ fault: { kind: "skew", ms: -3_600_000 }, times: 2 });
    const skewed = await put("e");
    expect(refusal(skewed)).toEqual([403, "RequestTimeTooSkewed"]);
    const now = Date.parse(skewed.headers.date!);
    expect((await demo({ method: "PUT", key: "e", body: "x", now })).status).toBe(200);
  });
});

describe("the emulated network", () => {
  it("is slow", async () => {
    emulator.setNetwork({
      connectionBytesPerSecond: 10_000_000,
      totalBytesPerSecond: 5_000_000,
      requestLatency: 20,
    });
    const began = performance.now();
    await Promise.all([put("a"), put("b")]);
    // Two megabytes at five per second.
    expect(performance.now() - began).toBeGreaterThan(350);
  });

  it("breaks by chance, the same way for the same seed", async () => {
    const run = async (seed: number) => {
      emulator.setNetwork({ resetProbability: 0.5, seed });
      const outcomes: boolean[] = [];
      for (let i = 0; i < 12; i++)
        outcomes.push(
          await put(`s${i}`, "some bytes").then(
            () => true,
            () => false,
          ),
        );
      return outcomes;
    };
    const first = await run(7);
    expect(new Set(first).size).toBe(2);
    expect(await run(7)).toEqual(first);
    expect(await run(8)).not.toEqual(first);
  });
});

describe("the log", () => {
  it("tells what came and went, without secrets", async () => {
    await put("logged", "12345");
    expect(last()).toMatchObject({
      method: "PUT",
      operation: "PutObject",
      bucket: "demo",
      key: "logged",
      status: 200,
      bytesReceived: 5,
      acknowledged: true,
      finished: true,
    });
    expect(JSON.stringify(emulator.log)).not.toContain("Credential=");
    const answer = await put("/bad", "x");
    expect(last()).toMatchObject({
      status: 400,
      code: "InvalidObjectName",
      requestId: answer.headers["x-oss-request-id"],
    });
  });
});

describe("over HTTP", () => {
  const admin = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${emulator.endpoint}/_emulator/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, value: (await answer.json()) as never };
  };

  it("rules can be added, looked at and removed", async () => {
    const added = await admin("POST", "faults", {
      when: { key: "h" },
      times: "always",
      fault: { kind: "status", status: 503 },
    });
    expect(added.value).toMatchObject({ fired: 0 });
    expect((await put("h", "x")).status).toBe(503);
    expect((await admin("GET", "faults")).value).toMatchObject([{ fired: 1 }]);
    await admin("DELETE", "faults");
    expect((await put("h", "x")).status).toBe(200);
    const bad = await admin("POST", "faults", { fault: { kind: "nothing" } });
    expect(bad).toMatchObject({ status: 400, value: { error: expect.stringContaining("nothing") } });
    expect((await fetch(`${emulator.endpoint}/_emulator/none`)).status).toBe(405);
  });

  it("log, sessions, network and credentials can be had and set", async () => {
    const uploadId = await initiate(emulator, "seen");
    expect((await admin("GET", "sessions?bucket=demo")).value).toEqual(
      expect.arrayContaining([expect.objectContaining({ uploadId, key: "seen", parts: [] })]),
    );
    expect((await admin("DELETE", `sessions/${uploadId}`)).value).toEqual({ dropped: true });
    await admin("PUT", "network", { requestLatency: 1 });
    expect((await admin("GET", "network")).value).toEqual({ requestLatency: 1 });
    expect((await admin("PUT", "network", { bandwidth: 1 })).status).toBe(400);
    await admin("POST", "credentials", { accessKeyId: "new", accessKeySecret: "s" });
    const credentials = { accessKeyId: "new", accessKeySecret: "s" };
    expect((await demo({ method: "PUT", key: "n", body: "x", credentials })).status).toBe(200);
    await admin("POST", "expire/new");
    expect(refusal(await demo({ method: "PUT", key: "n", body: "x", credentials }))).toEqual([
      403,
      "SecurityTokenExpired",
    ]);
    expect((await admin("GET", "log")).value).toHaveLength(3);
    await admin("DELETE", "log");
    expect(emulator.log).toHaveLength(0);
  });
});
