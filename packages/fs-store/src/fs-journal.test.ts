import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { modelFileSystem } from "./file-system/model-file-system.js";
import { type FsStore, fsStore } from "./fs-store.js";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "fs-store-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe.each([
  ["real files", (): FsStore => fsStore({ directory })],
  ["model", (): FsStore => fsStore({ directory: "/store", fileSystem: modelFileSystem() })],
])("journal on %s", (_, make) => {
  test("keeps entries in order and goes on from a position", async () => {
    const store = make();
    await using journal = await store.open("abc");
    expect(await journal.read()).toEqual({ entries: [], position: "0.0", fromStart: false });
    const lease = await journal.lease("transfer", 30_000);
    await journal.append([{ a: 1 }], lease);
    const first = await journal.read();
    expect(first.entries).toEqual([{ a: 1 }]);
    await Promise.all([1, 2, 3].map((n) => journal.append([{ n }], lease, { ordered: false })));
    const next = await journal.read(first.position);
    expect(next.entries).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    await journal.replace([{ b: 1 }], lease);
    const last = await journal.read(next.position);
    expect(last).toMatchObject({ entries: [{ b: 1 }], fromStart: true });
    await using other = await store.open("abc");
    await expect(other.lease("transfer", 30_000)).rejects.toMatchObject({ code: "lease-held" });
    expect((await other.read()).entries).toEqual([{ b: 1 }]);
    await lease.release();
    const taken = await other.lease("transfer", 30_000);
    await expect(journal.append([1], lease)).rejects.toMatchObject({ code: "lease-lost" });
    await other.drop(taken);
    expect((await journal.read(last.position)).entries).toEqual([]);
  });
});
