import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { TransferError } from "@partwise/core/contract";
import { failedWith, ifExists, unreadable } from "../errors.js";
import type { FileSystem } from "../file-system/file-system.js";
import { encode, formatVersion } from "./frame.js";
import { journalPattern, leasePrefix, newPrefix, type Place } from "./place.js";

/**
 * Sees to it that a journal file exists, made by us or by someone else at the same time. It is prepared in a directory
 * of its own and put in place by one rename, which fails if anything is there: so there is one file at most, and it
 * begins with a header from the first moment on.
 * @returns Directories that were made above, whose names are not durable yet.
 */
export async function createLog(fs: FileSystem, place: Place, now: number): Promise<readonly string[]> {
  const above = await makeDirectories(fs, place.shard);
  const name = randomBytes(8).toString("hex");
  const fresh = join(place.shard, `${newPrefix}${name}`);
  try {
    await prepare(fs, place, fresh, `journal-${name}`, now);
  } catch (error) {
    await clear(fs, fresh).catch(() => {});
    throw error;
  }
  try {
    await fs.rename(fresh, place.directory);
  } catch (error) {
    await clear(fs, fresh).catch(() => {});
    // Windows says EPERM or EACCES of a directory that is there, even of an empty one.
    if (!failedWith(error, "ENOTEMPTY", "EEXIST", "EPERM", "EACCES", "ENOTDIR", "ENOENT")) throw error;
    if (!(await giveWay(fs, place))) throw error;
  }
  return above;
}

async function prepare(
  fs: FileSystem,
  place: Place,
  fresh: string,
  name: string,
  now: number,
): Promise<void> {
  await fs.mkdir(fresh);
  const file = await fs.open(join(fresh, name), "create");
  try {
    const header = Buffer.from(encode({ version: formatVersion, id: place.id, at: now }));
    await appendWhole(file, header);
    await file.datasync();
  } finally {
    await file.close();
  }
  await fs.syncDirectory(fresh);
}

/** Appends all or throws `ENOSPC`. */
export async function appendWhole(
  file: { append(bytes: Uint8Array): Promise<number> },
  bytes: Uint8Array,
): Promise<void> {
  if ((await file.append(bytes)) === bytes.length) return;
  throw Object.assign(new Error("ENOSPC: the file took only a part of what was written"), { code: "ENOSPC" });
}

/** True when there is reason to look again: a journal stands there, or what stood in its way is gone. */
async function giveWay(fs: FileSystem, place: Place): Promise<boolean> {
  const names = await namesAt(fs, place);
  if (names === undefined) return (await ifExists(fs.facts(place.shard))) === undefined;
  if (names.some((name) => journalPattern.test(name))) return true;
  const unknown = names.find((name) => !isOurs(name));
  if (unknown !== undefined) {
    throw unreadable(
      place.id,
      join(place.directory, unknown),
      "is none of Partwise's files and stands in the way",
    );
  }
  await unlinkAll(fs, place.directory, names);
  return true;
}

/** Names in the journal's directory; `undefined` when there is none. */
export async function namesAt(fs: FileSystem, place: Place): Promise<readonly string[] | undefined> {
  try {
    return await ifExists(fs.readdir(place.directory));
  } catch (error) {
    if (!failedWith(error, "ENOTDIR")) throw error;
    // Fails likewise when the fault lies further up.
    await fs.readdir(place.shard);
    throw unreadable(place.id, place.directory, "is not a directory");
  }
}

/** Left behind by us, or by a file browser or network file system (`.DS_Store`, `.nfs…`). */
function isOurs(name: string): boolean {
  return name.startsWith(leasePrefix) || name.startsWith(".");
}

/**
 * Removes a journal file that is closed. Anyone may, and several at once: its name is its own, no other journal can
 * be put in place before the directory is empty, and names of leases are never used again.
 */
export async function removeLog(fs: FileSystem, place: Place, name: string): Promise<void> {
  const names = await ifExists(fs.readdir(place.directory));
  if (names?.includes(name) !== true) return;
  await unlinkAll(fs, place.directory, [...names.filter(isOurs), name]);
}

/** Removes a directory that was never put in place. */
export async function clear(fs: FileSystem, directory: string): Promise<void> {
  const names = await ifExists(fs.readdir(directory));
  if (names !== undefined) await unlinkAll(fs, directory, names);
}

async function unlinkAll(fs: FileSystem, directory: string, names: readonly string[]): Promise<void> {
  for (const name of names) await ifExists(fs.unlink(join(directory, name)));
  try {
    await fs.rmdir(directory);
  } catch (error) {
    if (!failedWith(error, "ENOENT", "ENOTEMPTY", "EEXIST")) throw error;
  }
}

/** So often a directory may be removed under our hands before that is believed to be more than a race. */
const mostVanished = 10;

async function makeDirectories(fs: FileSystem, path: string): Promise<readonly string[]> {
  const made: string[] = [];
  for (let vanished = 0; ; vanished++) {
    try {
      await fs.mkdir(path);
      return [...made, path];
    } catch (error) {
      if (failedWith(error, "EEXIST")) return made;
      if (!failedWith(error, "ENOENT") || dirname(path) === path) throw error;
      if (vanished === mostVanished) throw leadsNowhere(path, error);
    }
    made.push(...(await makeDirectories(fs, dirname(path))));
  }
}

/** What is above is there, and yet nothing can be made in it. */
function leadsNowhere(path: string, cause: unknown): TransferError<"store-unavailable"> {
  return new TransferError(
    "store-unavailable",
    `${path} cannot be made: its path holds a link to nowhere, or lies where nothing can be made (ENOENT). Mount what is missing, or choose another directory.`,
    { cause, details: { path, errorCode: "ENOENT" } },
  );
}
