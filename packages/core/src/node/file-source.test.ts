import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Source } from "../contracts/source.js";
import { isTransferError } from "../errors.js";
import { fileSource } from "./file-source.js";
import { unreadable } from "./unreadable.js";

let directory: string;
let path: string;
const opened: Source[] = [];
const content = randomBytes(3_000_001);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "partwise-file-"));
  path = join(directory, "data.bin");
  await writeFile(path, content);
});

afterEach(async () => {
  for (const source of opened.splice(0)) await source.close();
  await rm(directory, { recursive: true, force: true });
});

async function openSource(at = path): Promise<Source> {
  const source = await fileSource(at).open();
  opened.push(source);
  return source;
}

async function failure(work: Promise<unknown> | (() => Promise<unknown>)): Promise<Error> {
  try {
    await (typeof work === "function" ? work() : work);
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not fail");
}

async function drain(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk.slice());
  return Buffer.concat(all);
}

it("describes a file", async () => {
  const source = await openSource();
  expect(source.size).toBe(content.length);
  expect(source.location).toBe(path);
  expect(source.fingerprint).toMatchObject({
    kind: "file",
    size: content.length,
    mtimeNs: expect.stringMatching(/^\d{19}$/),
    ctimeNs: expect.stringMatching(/^\d{19}$/),
    inode: expect.stringMatching(/^\d+$/),
    sample: expect.stringMatching(/^\d+$/),
  });
  expect(JSON.parse(JSON.stringify(source.fingerprint))).toEqual(source.fingerprint);
  expect((await openSource()).fingerprint).toEqual(source.fingerprint);
});

it("follows a symbolic link and says where the caller looked", async () => {
  const link = join(directory, "link");
  await symlink(path, link);
  const source = await openSource(link);
  expect(source.location).toBe(link);
  expect((await drain(source.slice({ start: 0, end: 10 }).open())).equals(content.subarray(0, 10))).toBe(
    true,
  );
});

it("tells changed content of equal size and time by the sample", async () => {
  const before = await openSource();
  const other = Buffer.from(content);
  other[other.length - 1]! ^= 1;
  await writeFile(path, other);
  const after = await openSource();
  expect((after.fingerprint as { sample: string }).sample).not.toBe(
    (before.fingerprint as { sample: string }).sample,
  );
});

it("reads ahead without touching the last two pieces", async () => {
  const source = await openSource();
  const chunks = [Buffer.alloc(20_000), Buffer.alloc(20_000)];
  let taken = 0;
  const buffers = { chunkSize: 20_000, take: () => chunks[taken++ % 2]! };
  let before: { view: Uint8Array; copy: Buffer } | undefined;
  const sum = createHash("sha256");
  for await (const view of source.slice({ start: 7, end: 1_500_000 }).open({ buffers })) {
    // Time for the read ahead to end, so that a wrong one would show.
    await new Promise((resolve) => setImmediate(resolve));
    if (before) expect(before.copy.equals(before.view)).toBe(true);
    before = { view, copy: Buffer.from(view) };
    sum.update(view);
  }
  expect(taken).toBe(Math.ceil((1_500_000 - 7) / 20_000));
  expect(sum.digest("hex")).toBe(createHash("sha256").update(content.subarray(7, 1_500_000)).digest("hex"));
});

it("reads a body that fits one chunk in one piece", async () => {
  const source = await openSource();
  const sizes: number[] = [];
  const buffers = { chunkSize: 65_536, take: () => new Uint8Array(65_536) };
  for await (const bytes of source.slice({ start: 5, end: 65_541 }).open({ buffers }))
    sizes.push(bytes.length);
  expect(sizes).toEqual([65_536]);
});

it("reads many slices at the same time, again and again", async () => {
  const source = await openSource();
  const ranges = Array.from({ length: 12 }, (_, n) => ({ start: n * 250_000, end: (n + 1) * 250_000 }));
  for (let round = 0; round < 2; round++) {
    const parts = await Promise.all(ranges.map((range) => drain(source.slice(range).open())));
    expect(Buffer.concat(parts).equals(content.subarray(0, 3_000_000))).toBe(true);
  }
});

it("refuses what is no regular file, in one clear sentence", async () => {
  const pipe = join(directory, "pipe");
  execFileSync("mkfifo", [pipe]);
  const socket = join(directory, "socket");
  const server = createServer().listen(socket);
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    for (const [at, words] of [
      [join(directory, "none"), "there is no such file"],
      [join(path, "below"), "a part of the path is not a directory"],
      [directory, "it is a directory"],
      [pipe, "it is a pipe"],
      [socket, "it is a socket"],
      ["/dev/zero", "it is a device"],
      ...(process.platform === "linux" ? [["/proc/self/stat", "it says that it is empty"] as const] : []),
      [join(directory, "n".repeat(300)), "the path is too long"],
    ] as const) {
      const error = await failure(fileSource(at).open());
      expect(isTransferError(error, "source-unreadable")).toBe(true);
      expect(error.message).toContain(words);
      expect(error.message).toContain(at);
    }
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

it("says when permission is missing", () => {
  // Made by hand: root, who runs tests in containers, may read everything.
  const refused = Object.assign(new Error("EACCES: permission denied, open"), { code: "EACCES" });
  const error = unreadable(path, refused);
  expect(error.message).toBe(`Cannot read ${path}: permission denied. Give this user the right to read it.`);
  expect(error.cause).toBe(refused);
});

it("sees growth, another time and a mere touch of the inode", async () => {
  const source = await openSource();
  expect(await source.verify()).toBe("same");
  await chmod(path, 0o600);
  await chmod(path, 0o644);
  expect(await source.verify()).toBe("touched");
  await utimes(path, 1_000_000_000, 1_000_000_000);
  expect(await source.verify()).toBe("changed");
  const again = await openSource();
  await appendFile(path, "x");
  expect(await again.verify()).toBe("changed");
});

it("stops when the file became shorter", async () => {
  const source = await openSource();
  await truncate(path, 1_000_000);
  const error = await failure(drain(source.slice({ start: 900_000, end: 2_000_000 }).open()));
  expect(isTransferError(error, "source-changed")).toBe(true);
  expect(error.message).toContain("ended at byte 1000000");
});

it("stops with the signal's reason", async () => {
  const source = await openSource();
  const stop = new AbortController();
  const reason = new Error("enough");
  const reading = source.slice({ start: 0, end: content.length }).open({ signal: stop.signal });
  const error = await failure(async () => {
    for await (const _ of reading) stop.abort(reason);
  });
  expect(error).toBe(reason);
  expect(await failure(drain(source.slice({ start: 0, end: 1 }).open({ signal: stop.signal })))).toBe(reason);
  expect(await failure(fileSource(path).open({ signal: stop.signal }))).toBe(reason);
});

it("closes after the read in flight, and is closed then", async () => {
  const source = await openSource();
  const reading = source.slice({ start: 0, end: content.length }).open()[Symbol.asyncIterator]();
  const first = reading.next();
  await source.close();
  expect((await first).value!.length).toBeGreaterThan(0);
  expect((await failure(() => reading.next().then(() => reading.next()))).message).toContain("was closed");
  expect((await failure(source.verify())).message).toContain("was closed");
  await source.close();
});

it("holds nothing once the reader left early", async () => {
  const source = await openSource();
  for await (const _ of source.slice({ start: 0, end: content.length }).open()) break;
  await source.close();
  expect((await failure(source.verify())).message).toContain("was closed");
});

it("writes to no buffer any more once the reader left", async () => {
  const source = await openSource();
  for (let round = 0; round < 20; round++) {
    const ring = [new Uint8Array(1_000_000), new Uint8Array(1_000_000)];
    let taken = 0;
    const buffers = { chunkSize: 1_000_000, take: () => ring[taken++ % 2]! };
    for await (const _ of source.slice({ start: 0, end: content.length }).open({ buffers })) break;
    for (const chunk of ring) chunk.fill(0);
    // A read that was still under way would be done after this one.
    await drain(source.slice({ start: 0, end: 1_000_000 }).open());
    expect(ring.every((chunk) => chunk.every((byte) => byte === 0))).toBe(true);
  }
});

it("takes empty files and empty ranges", async () => {
  const empty = join(directory, "empty");
  await mkdir(directory, { recursive: true });
  await writeFile(empty, "");
  const source = await openSource(empty);
  expect(source.size).toBe(0);
  expect((await drain(source.slice({ start: 0, end: 0 }).open())).length).toBe(0);
  expect(() => source.slice({ start: 0, end: 1 })).toThrow(RangeError);
});
