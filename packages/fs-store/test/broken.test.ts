import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isTransferError } from "@partwise/core/contract";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fsStore } from "../src/index.js";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "partwise-broken-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

test("a store directory that is a link to nowhere (a disk not mounted) is refused, not tried for ever", async () => {
  const directory = join(home, "store");
  await symlink(join(home, "not-mounted", "partwise"), directory);
  const store = fsStore({ directory });
  await using journal = await store.open("a");
  const error: unknown = await journal.lease("transfer", 30_000).catch((thrown: unknown) => thrown);
  expect(isTransferError(error, "store-unavailable")).toBe(true);
  expect((error as Error).message).toMatch(/link to nowhere.*ENOENT/);
  for await (const each of store.list()) expect(each).toBeUndefined();
});
