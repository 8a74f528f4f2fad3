import { copyFile, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FsStore, fsStore, hookedFileSystem, modelFileSystem, nodeFileSystem } from "../src/index.js";
import { encode } from "../src/log/frame.js";
import { storeOf } from "./crash.js";
import { failing } from "./subject.js";

let directory: string;
const opened: FsStore[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "partwise-upkeep-"));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  await rm(directory, { recursive: true, force: true });
});

/** A store on real files, closed after the test. */
function storeAt(path: string): FsStore {
  const store = fsStore({ directory: path });
  opened.push(store);
  return store;
}

const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};

describe("files", () => {
  test.skipIf(process.platform === "win32")("belong to this user alone", async () => {
    const root = join(directory, "deep", "store");
    await using journal = await storeAt(root).open("Abc");
    await journal.append([1], await journal.lease("transfer", 60_000));
    const modes = async (path: string): Promise<string[]> => {
      const own = `${(await stat(path)).mode.toString(8).slice(-3)}`;
      if (!(await stat(path)).isDirectory()) return [own];
      return [
        own,
        ...(await Promise.all((await readdir(path)).map((name) => modes(join(path, name))))).flat(),
      ];
    };
    expect(new Set(await modes(root))).toEqual(new Set(["700", "600"]));
  });

  test("are not made by opening, reading, listing or pruning", async () => {
    const store = storeAt(join(directory, "store"));
    await using journal = await store.open("abc");
    await journal.read();
    await journal.leases("");
    await all(store.list());
    await store.prune({ olderThan: 0 });
    expect(await readdir(directory)).toEqual([]);
  });

  test("go again when a lease is released and nothing was written", async () => {
    const store = storeAt(directory);
    await using journal = await store.open("abc");
    const [one, two] = [await journal.lease("a", 60_000), await journal.lease("b", 60_000)];
    await one.release();
    expect(await readdir(join(directory, "ab"))).toEqual(["abc"]);
    await two.release();
    expect(await readdir(join(directory, "ab"))).toEqual([]);
  });

  test("left half-made by a crash long ago are pruned", async () => {
    const store = storeAt(directory);
    const path = join(directory, "ab", ".new-0123456789abcdef");
    await mkdir(path, { recursive: true });
    await store.prune({ olderThan: 0 });
    expect(await readdir(join(directory, "ab"))).toHaveLength(1);
    await nodeFileSystem.touch(path, Date.now() - 2 * 3_600_000);
    await store.prune({ olderThan: 0 });
    expect(await readdir(join(directory, "ab"))).toEqual([]);
  });
});

describe("what is in the way", () => {
  const attempt = async (root: string) => (await storeAt(root).open("abc")).lease("transfer", 60_000);

  test("a file where the store's directory should be", async () => {
    const path = join(directory, "file");
    await writeFile(path, "");
    const error = await attempt(path).catch((e) => e);
    expect(error).toMatchObject({
      code: "store-unavailable",
      retryable: true,
      details: { errorCode: "ENOTDIR" },
    });
    expect(error.message).toContain(path);
    expect(await all(storeAt(path).list())).toEqual([]);
  });

  test("a file where the journal's directory should be is reported, not taken for absence", async () => {
    await mkdir(join(directory, "ab"));
    await writeFile(join(directory, "ab", "abc"), "mine");
    const journal = await storeAt(directory).open("abc");
    await expect(journal.read()).rejects.toMatchObject({ code: "checkpoint-unreadable" });
    await expect(journal.lease("transfer", 60_000)).rejects.toMatchObject({ code: "checkpoint-unreadable" });
  });

  test("an empty directory, or one with what file browsers leave behind, is not", async () => {
    await mkdir(join(directory, "ab", "abc"), { recursive: true });
    await attempt(directory);
    await mkdir(join(directory, "ab", "abd"));
    await writeFile(join(directory, "ab", "abd", ".DS_Store"), "");
    await (await storeAt(directory).open("abd")).lease("transfer", 60_000);
  });

  test("a stranger's file is named", async () => {
    await mkdir(join(directory, "ab", "abc"), { recursive: true });
    await writeFile(join(directory, "ab", "abc", "thesis.txt"), "");
    await expect(attempt(directory)).rejects.toThrow("thesis.txt");
  });

  test.each(["ENOSPC", "EROFS", "EACCES", "EMFILE", "EIO"])(
    "%s is store-unavailable, and passes",
    async (code) => {
      const guard = failing(modelFileSystem());
      const store = fsStore({ directory: "/store", fileSystem: guard.fs });
      await using journal = await store.open("abc");
      guard.away = code;
      await expect(journal.lease("transfer", 60_000)).rejects.toMatchObject({
        code: "store-unavailable",
        retryable: true,
      });
      await expect(all(store.list())).rejects.toMatchObject({ code: "store-unavailable" });
      await expect(store.prune({ olderThan: 0 })).rejects.toMatchObject({ code: "store-unavailable" });
      guard.away = undefined;
      const lease = await journal.lease("transfer", 60_000);
      guard.away = code;
      const error = await journal.append([1], lease).catch((e) => e);
      expect(error).toMatchObject({
        code: "store-unavailable",
        outcome: "unknown",
        details: { errorCode: code },
      });
      await expect(lease.renew()).rejects.toMatchObject({ code: "store-unavailable" });
      await expect(lease.release()).rejects.toMatchObject({ code: "store-unavailable" });
      guard.away = undefined;
      await journal.append([2], lease);
      await lease.release();
      expect((await journal.read()).entries).toEqual([2]);
    },
  );

  test("a disk that takes half of a write spoils nothing before or after", async () => {
    const files = modelFileSystem({ room: 1_500 });
    await using journal = await storeOf(files).open("abc");
    const lease = await journal.lease("transfer", 60_000);
    await journal.append(["small"], lease);
    await expect(journal.append(["x".repeat(5_000)], lease)).rejects.toMatchObject({
      code: "store-unavailable",
    });
    files.addRoom(5_000);
    await journal.append(["later"], lease);
    expect((await journal.read()).entries).toEqual(["small", "later"]);
    expect(journal.damaged).toBe(1);
  });
});

describe("a directory removed while in use", () => {
  test("reads as empty, its leases are lost, and it can be made again", async () => {
    const store = storeAt(directory);
    await using journal = await store.open("abc");
    const lease = await journal.lease("transfer", 60_000);
    await journal.append([1], lease);
    const { position } = await journal.read();
    await rm(join(directory, "ab"), { recursive: true });
    await expect(journal.append([2], lease)).rejects.toMatchObject({ code: "lease-lost" });
    expect(await journal.read(position)).toEqual({ entries: [], position: "0.0", fromStart: true });
    await expect(lease.renew()).rejects.toMatchObject({ code: "lease-lost" });
    const again = await journal.lease("transfer", 60_000);
    await journal.append([3], again);
    expect((await (await store.open("abc")).read()).entries).toEqual([3]);
    await lease.release();
    await again.renew();
  });

  test("before anything was durable, too", async () => {
    await using journal = await storeAt(directory).open("abc");
    const lease = await journal.lease("transfer", 60_000);
    await rm(join(directory, "ab"), { recursive: true });
    await expect(journal.append([1], lease)).rejects.toMatchObject({ code: "lease-lost" });
  });
});

test("a journal put back from a copy is the journal from then on", async () => {
  const journal = await storeAt(directory).open("abc");
  const lease = await journal.lease("transfer", 60_000);
  await journal.append([1], lease);
  const home = join(directory, "ab", "abc");
  const path = join(home, (await readdir(home)).find((name) => name.startsWith("journal-")) as string);
  await copyFile(path, `${directory}/copy`);
  await journal.append([2], lease);
  await nodeFileSystem.rename(`${directory}/copy`, path);
  await expect(journal.append([3], lease)).rejects.toMatchObject({ code: "lease-lost" });
  expect((await journal.read()).entries).toEqual([1]);
});

test("no lease of a dropped journal passes for one of the next, however old", async () => {
  const journal = await storeOf(modelFileSystem()).open("abc");
  let member = await journal.lease("member/a", 60_000);
  for (let round = 0; round < 5; round++) {
    await member.release();
    member = await journal.lease("member/a", 60_000);
    if (round === 0) await journal.append([0], member);
  }
  await journal.drop(await journal.lease("transfer", 60_000));
  const next = await journal.lease("member/a", 60_000);
  await expect(journal.append(["old"], member)).rejects.toMatchObject({ code: "lease-lost" });
  await journal.append(["new"], next);
  expect((await journal.read()).entries).toEqual(["new"]);
});

describe("pruning", () => {
  test("does not take a journal from a newcomer who comes in between", async () => {
    const files = modelFileSystem();
    const writer = await storeOf(files).open("abc");
    const lease = await writer.lease("transfer", 60_000);
    await writer.append([1], lease);
    await lease.release();
    const newcomer = await storeOf(files).open("abc");
    let taken: Promise<unknown> | undefined;
    const pruning = storeOf(
      files.with({
        async before(name) {
          if (name !== "append" || taken !== undefined) return;
          taken = newcomer.lease("transfer", 60_000);
          await taken;
        },
      }),
    );
    expect(await pruning.prune({ olderThan: 0 })).toEqual([]);
    expect(taken).toBeDefined();
    expect((await newcomer.read()).entries).toEqual([1]);
  });

  test("leaves alone what cannot be read, and listing shows it", async () => {
    const files = modelFileSystem();
    const store = storeOf(files);
    const journal = await store.open("abc");
    const lease = await journal.lease("transfer", 60_000);
    await journal.append([1], lease);
    await lease.release();
    const path = [...files.files().keys()].find((each) => each.includes("/journal-")) as string;
    files.damage(path, Buffer.from("something else"));
    expect(await store.prune({ olderThan: 0 })).toEqual([]);
    expect((await all(store.list())).map(({ id }) => id)).toEqual(["abc"]);
  });
});

test("a journal of a newer format says so, and is not touched", async () => {
  const files = modelFileSystem();
  const journal = await storeOf(files).open("abc");
  await journal.lease("transfer", 60_000);
  const path = [...files.files().keys()].find((each) => each.includes("/journal-")) as string;
  const newer = Buffer.from(encode({ version: 2, id: "abc", at: 1 }));
  files.damage(path, newer);
  const later = await storeOf(files).open("abc");
  for (const work of [() => later.read(), () => later.lease("transfer", 60_000), () => later.leases("")]) {
    await expect(work()).rejects.toMatchObject({ code: "checkpoint-too-new", details: { version: 2 } });
  }
  expect(await storeOf(files).prune({ olderThan: 0 })).toEqual([]);
  expect(await all(storeOf(files).list())).toMatchObject([{ id: "abc" }]);
  expect(files.files().get(path)).toEqual(newer);
});

test("a directory under another transfer's name is not taken for its journal", async () => {
  const store = storeAt(directory);
  await using journal = await store.open("abc");
  await journal.append([1], await journal.lease("transfer", 60_000));
  await nodeFileSystem.rename(join(directory, "ab", "abc"), join(directory, "ab", "abd"));
  await expect((await store.open("abd")).read()).rejects.toMatchObject({
    code: "store-unavailable",
    retryable: false,
  });
});

test("a journal that was closed says so, but its lease can still be kept and given back", async () => {
  const store = storeAt(directory);
  const journal = await store.open("abc");
  const lease = await journal.lease("transfer", 60_000);
  await journal.append([1], lease);
  await store.close();
  await expect(journal.append([2], lease)).rejects.toMatchObject({ code: "invalid-options" });
  await expect(journal.read()).rejects.toMatchObject({ code: "invalid-options" });
  await lease.renew();
  await lease.release();
  await (await store.open("abc")).lease("transfer", 60_000);
});

test("an entry that is no JSON fails alone", async () => {
  await using journal = await storeAt(directory).open("abc");
  const lease = await journal.lease("transfer", 60_000);
  const good = journal.append([1], lease, { ordered: false });
  await expect(journal.append([1n as never], lease)).rejects.toMatchObject({ code: "invalid-options" });
  await good;
  expect((await journal.read()).entries).toEqual([1]);
});

describe("cost", () => {
  async function costOf(receipts: number, atOnce: number) {
    const calls: Record<string, number> = {};
    const files = modelFileSystem();
    const store = storeOf(
      files.with({
        before(name) {
          calls[name] = (calls[name] ?? 0) + 1;
        },
      }),
    );
    const journal = await store.open("abc");
    const lease = await journal.lease("transfer", 60_000);
    for (let n = 0; n < receipts; n += atOnce) {
      const batch = Array.from({ length: atOnce }, (_, i) =>
        journal.append([{ number: 10_000 + n + i }], lease, { ordered: false }),
      );
      await Promise.all(batch);
    }
    const size = [...files.files()].find(([path]) => path.includes("/journal-"))?.[1].length ?? 0;
    return { bytes: size / receipts, syncs: calls.datasync ?? 0 };
  }

  test("bytes for each receipt stay the same from 100 to 10,000", async () => {
    const [few, many] = [await costOf(100, 20), await costOf(10_000, 20)];
    expect(many.bytes).toBeLessThanOrEqual(few.bytes);
    expect(many.bytes).toBeLessThan(130);
  });

  test("thousands of pending receipts cost a few syncs", async () => {
    expect((await costOf(5_000, 5_000)).syncs).toBeLessThanOrEqual(3);
  });

  test("receipts that may wait are written together, and an ordered append takes them along", async () => {
    const calls: string[] = [];
    const fileSystem = hookedFileSystem(modelFileSystem(), {
      before(name) {
        calls.push(name);
      },
    });
    const journal = await fsStore({ directory: "/store", fileSystem, gatherFor: 10_000 }).open("abc");
    const lease = await journal.lease("transfer", 60_000);
    calls.length = 0;
    const receipts = [1, 2, 3].map((n) => journal.append([n], lease, { ordered: false }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(calls).toEqual([]);
    await journal.append(["ordered"], lease);
    await Promise.all(receipts);
    expect(calls.filter((name) => name === "append" || name === "datasync")).toEqual(["append", "datasync"]);
    expect((await journal.read()).entries).toEqual([1, 2, 3, "ordered"]);
  });
});
