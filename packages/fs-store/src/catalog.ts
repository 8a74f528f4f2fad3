import { join } from "node:path";
import type { ListedJournal } from "@partwise/core/contract";
import { failedWith, ifExists } from "./errors.js";
import type { FileSystem } from "./file-system/file-system.js";
import { LogFold } from "./log/log-fold.js";
import { idOf, journalPattern, logOfName, newPrefix, placeOf } from "./log/place.js";
import { scan } from "./log/scan.js";

/** Journals looked at side by side. */
const atOnce = 16;

/** Ids of all transfers that have a directory, with or without entries. */
export async function* ids(fs: FileSystem, root: string): AsyncGenerator<string> {
  for (const shard of (await namesIn(fs, root)).filter((name) => name.length <= 2)) {
    for (const name of await namesIn(fs, join(root, shard))) {
      const id = idOf(name);
      if (id !== undefined && name.slice(0, 2) === shard) yield id;
    }
  }
}

/** Journals with entries, and those that cannot be read: they are there, after all. */
export async function* listed(fs: FileSystem, root: string): AsyncGenerator<ListedJournal> {
  let batch: Promise<ListedJournal | undefined>[] = [];
  for await (const id of ids(fs, root)) {
    const look = glance(fs, root, id);
    look.catch(() => {});
    if (batch.push(look) < atOnce) continue;
    yield* await found(batch);
    batch = [];
  }
  yield* await found(batch);
}

/** Directories that somebody began to make, and did not put in place, before the given time. */
export async function* leftovers(fs: FileSystem, root: string, before: number): AsyncGenerator<string> {
  for (const shard of (await namesIn(fs, root)).filter((name) => name.length <= 2)) {
    for (const name of await namesIn(fs, join(root, shard))) {
      if (!name.startsWith(newPrefix)) continue;
      const path = join(root, shard, name);
      const facts = await ifExists(fs.facts(path));
      if (facts !== undefined && facts.modifiedAt < before) yield path;
    }
  }
}

async function found(
  batch: readonly Promise<ListedJournal | undefined>[],
): Promise<readonly ListedJournal[]> {
  return (await Promise.all(batch)).filter((listed) => listed !== undefined);
}

async function glance(fs: FileSystem, root: string, id: string): Promise<ListedJournal | undefined> {
  const { directory } = placeOf(root, id);
  const name = (await namesIn(fs, directory)).find((found) => journalPattern.test(found));
  if (name === undefined) return undefined;
  const file = await ifExists(fs.open(join(directory, name), "read"));
  if (file === undefined) return undefined;
  try {
    const { size, modifiedAt } = await file.facts();
    const fold = new LogFold(logOfName(name));
    const directory = await scan(file, fold, size).catch((error) => {
      if (!failedWith(error, "EISDIR")) throw error;
      return true;
    });
    if (directory) return { id, updatedAt: modifiedAt };
    if (fold.entries === 0 && !fold.unreadable && fold.tooNew === undefined) return undefined;
    return { id, updatedAt: fold.updatedAt ?? modifiedAt };
  } finally {
    await file.close();
  }
}

async function namesIn(fs: FileSystem, path: string): Promise<readonly string[]> {
  try {
    return await fs.readdir(path);
  } catch (error) {
    if (failedWith(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}
