import { readFileSync } from "node:fs";
import { memoryStore } from "@partwise/core";
import { type OssTransport, ossTransport } from "@partwise/oss-adapter";
import { DEFAULT_CREDENTIALS } from "@partwise/oss-emulator";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { resumableUpload } from "../src/index.js";
import { KiB, World } from "./helpers/world.js";

let world: World;
let bucket: OssTransport;
beforeAll(async () => {
  world = await World.create();
  const { endpoint, region } = world.emulator;
  bucket = ossTransport({ bucket: "demo", endpoint, region, credentials: DEFAULT_CREDENTIALS });
});
afterEach(() => world.emulator.faults.clear());
afterAll(async () => {
  await bucket.close();
  await world[Symbol.asyncDispose]();
});

const partSize = 128 * KiB;
const parts = { multipartThreshold: 512 * KiB, partSize };

describe("resumableUpload", () => {
  it("sends a small file in one request, with the headers given, and tells etag, crc64 and request id", async () => {
    const file = world.file(1000);
    const headers = { "x-oss-meta-who": "me", "Content-Type": "text/x-test" };
    const calls: [number, number][] = [];
    const result = await resumableUpload(bucket, "small", file, {
      store: memoryStore(),
      headers,
      progressCallback: (consumed, total) => calls.push([consumed, total]),
    });
    const found = await world.emulator.getObject("demo", "small");
    const [request] = world.requests("PutObject", "small");
    expect(result).toMatchObject({
      etag: found?.etag,
      crc64: found?.crc64,
      requestId: request?.requestId,
      upload: { size: 1000, sentBytes: 1000, outcome: "sent" },
    });
    expect(found?.headers).toMatchObject({ "x-oss-meta-who": "me", "content-type": "text/x-test" });
    expect(calls).toEqual([[1000, 1000]]);
  });

  it("sends one part at a time by default, and calls back with what is finished, never less than before", async () => {
    const file = world.file(6 * partSize + 1);
    const calls: number[] = [];
    const result = await resumableUpload(bucket, "parts", file, {
      store: world.fresh("store"),
      ...parts,
      progressCallback: (consumed, total) => {
        expect(total).toBe(6 * partSize + 1);
        calls.push(consumed);
      },
    });
    expect(world.acknowledged("parts")).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(result.etag).toMatch(/-7$/);
    expect(result.requestId).toBe(world.requests("CompleteMultipartUpload", "parts")[0]?.requestId);
    expect(calls).toEqual(calls.toSorted((a, b) => a - b));
    // Receipts become durable beside the next part's sending, so one call may tell of two parts.
    const finished = [0, 1, 2, 3, 4, 5, 6].map((n) => n * partSize).concat(6 * partSize + 1);
    expect(finished).toEqual(expect.arrayContaining([...new Set(calls)]));
    expect([calls[0], calls.at(-1)]).toEqual([0, 6 * partSize + 1]);
    expect(new Set(calls).size).toBeGreaterThan(3);
    expect(calls.filter((each) => each === 6 * partSize + 1)).toHaveLength(1);
    expect(await world.holds("parts", readFileSync(file))).toBe(true);
  });

  it("goes on with a directory of journals where the last call stopped", async () => {
    const file = world.file(8 * partSize);
    const store = world.fresh("store");
    // A refusal that waiting does not cure ends the first call.
    world.emulator.faults.add({
      when: { operation: "UploadPart", key: "again" },
      after: 3,
      times: "always",
      fault: { kind: "status", status: 403, code: "AccessDenied" },
    });
    await expect(resumableUpload(bucket, "again", file, { store, ...parts })).rejects.toMatchObject({
      code: "denied",
    });
    world.emulator.faults.clear();
    const result = await resumableUpload(bucket, "again", file, { store, ...parts, numThreads: 3 });
    expect(result.upload).toMatchObject({ sentBytes: 5 * partSize, resumedBytes: 3 * partSize });
    expect(world.acknowledged("again").toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await world.holds("again", readFileSync(file))).toBe(true);
  });

  it("leaves a store that was given open, and refuses what cannot be", async () => {
    const store = memoryStore();
    const file = world.file(10);
    await resumableUpload(bucket, "one", file, { store });
    await resumableUpload(bucket, "two", file, { store });
    for (const wrong of [{ numThreads: 0 }, { partSize: -1 }, { multipartThreshold: 1.5 }]) {
      await expect(resumableUpload(bucket, "k", file, { store, ...wrong })).rejects.toMatchObject({
        code: "invalid-options",
      });
    }
    await expect(resumableUpload(bucket, "k", world.fresh("missing"), { store })).rejects.toMatchObject({
      code: "source-unreadable",
    });
  });
});
