import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blobSource } from "../src/builtin/blob-source.js";
import { bytesSource } from "../src/builtin/bytes-source.js";
import { toSourceOpener } from "../src/builtin/to-source.js";
import type { SourceOpener } from "../src/contracts/source.js";
import { isTransferError } from "../src/errors.js";
import { fileSource } from "../src/node/index.js";
import { sourceCases } from "./source-cases.js";

const content = randomBytes(2_100_003);
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "partwise-sources-"));
  await writeFile(join(directory, "data"), content);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

const openers: Record<string, () => SourceOpener> = {
  file: () => fileSource(join(directory, "data")),
  bytes: () => bytesSource(content, "some bytes"),
  Blob: () => blobSource(new Blob([content])),
  File: () => blobSource(new File([content], "data.bin", { lastModified: 1_700_000_000_000 })),
};

describe.each(Object.entries(openers))("%s source", (_name, opener) => {
  it.each(sourceCases.map((one) => [one.name, one] as const))("%s", (_case, one) =>
    one.run({ content, opener: opener() }),
  );
});

describe("bytes", () => {
  it("are handed out without a copy", async () => {
    const source = await bytesSource(content).open();
    for await (const chunk of source.slice({ start: 3, end: 9 }).open()) {
      expect(chunk.buffer).toBe(content.buffer);
    }
  });

  it("have their checksum in the fingerprint, and a name if given", async () => {
    const source = await bytesSource(new TextEncoder().encode("123456789"), "nine").open();
    expect(source.location).toBe("nine");
    expect(source.fingerprint).toEqual({ kind: "bytes", size: 9, crc64ecma: "11051210869376104954" });
    expect((await bytesSource(new Uint8Array(0)).open()).fingerprint).toMatchObject({ crc64ecma: "0" });
  });
});

describe("a Blob", () => {
  it("is known by size, type, name, time and sample", async () => {
    const file = new File([content], "a.bin", { type: "text/x-a", lastModified: 1_700_000_000_000 });
    const source = await blobSource(file).open();
    expect(source.location).toBe("a.bin");
    expect(source.fingerprint).toEqual({
      kind: "blob",
      size: content.length,
      type: "text/x-a",
      name: "a.bin",
      lastModified: 1_700_000_000_000,
      sample: expect.stringMatching(/^\d+$/),
    });
  });

  it("gives its slices as Blobs", async () => {
    const source = await blobSource(new Blob([content])).open();
    const blob = source.slice({ start: 10, end: 20 }).blob!();
    expect(Buffer.from(await blob.arrayBuffer())).toEqual(content.subarray(10, 20));
  });

  it("that cannot be read any more says so", async () => {
    const file = new File([content], "gone.bin");
    const source = await blobSource(file).open();
    file.slice = () => ({ arrayBuffer: () => Promise.reject(new Error("NotReadableError")) }) as never;
    const reading = source.slice({ start: 0, end: 5 }).open()[Symbol.asyncIterator]().next();
    const error = await reading.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(isTransferError(error, "source-unreadable")).toBe(true);
    expect(String(error)).toContain("gone.bin");
  });
});

describe("toSourceOpener", () => {
  it("takes bytes, Blobs and openers", async () => {
    const opener = fileSource(join(directory, "data"));
    expect(toSourceOpener(opener)).toBe(opener);
    for (const input of [content, new Blob([content])]) {
      expect((await toSourceOpener(input).open()).size).toBe(content.length);
    }
  });

  it("leaves an open source open for whoever opened it", async () => {
    const source = await fileSource(join(directory, "data")).open();
    const lent = await toSourceOpener(source).open();
    expect(lent).toMatchObject({
      size: source.size,
      location: source.location,
      fingerprint: source.fingerprint,
    });
    await lent.close();
    expect(await lent.verify()).toBe("same");
    for await (const chunk of lent.slice({ start: 0, end: 4 }).open()) expect(chunk.length).toBe(4);
    await source.close();
  });

  it("refuses everything else in one sentence", () => {
    for (const input of [undefined, null, "path", 5, {}, { open: 1 }]) {
      try {
        toSourceOpener(input as never);
        expect.unreachable();
      } catch (error) {
        expect(isTransferError(error, "invalid-options")).toBe(true);
      }
    }
  });
});
