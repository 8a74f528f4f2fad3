// Files to send: random bytes where the disk allows, read once so that they lie in the page cache.
import { randomFillSync } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GiB, MiB } from "./paths.mjs";

/** A temporary folder for test files; removed at the end of the process. */
export function temporaryFolder(parent = tmpdir()) {
  const folder = mkdtempSync(join(parent, "partwise-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function fill(path, size) {
  const block = Buffer.allocUnsafe(16 * MiB);
  const file = openSync(path, "w", 0o600);
  try {
    for (let at = 0; at < size; ) {
      randomFillSync(block);
      at += writeSync(file, block, 0, Math.min(block.length, size - at));
    }
  } finally {
    closeSync(file);
  }
}

function readOnce(path) {
  const block = Buffer.allocUnsafe(4 * MiB);
  const file = openSync(path, "r");
  try {
    while (readSync(file, block, 0, block.length, null) > 0);
  } finally {
    closeSync(file);
  }
}

const made = new Map();

/** A file of that many bytes. `sparse` when asked, or when random bytes would fill the disk. */
export function fileOf(folder, size, { sparse = false } = {}) {
  const { bavail, bsize } = statfsSync(folder);
  const holes = sparse || bavail * bsize < size + 10 * GiB;
  const path = join(folder, `${size}${holes ? "-sparse" : ""}.bin`);
  if (!made.has(path)) {
    if (holes) {
      closeSync(openSync(path, "w", 0o600));
      truncateSync(path, size);
    } else {
      fill(path, size);
    }
    if (!sparse) readOnce(path);
    made.set(path, { path, size, holes });
  }
  return made.get(path);
}

/** A folder of equally large small files, `00000.bin` and so on. */
export function smallFilesOf(folder, count, size) {
  const directory = join(folder, `small-${count}-${size}`);
  if (!made.has(directory)) {
    mkdirSync(directory);
    for (let i = 0; i < count; i++) fill(join(directory, `${String(i).padStart(5, "0")}.bin`), size);
    made.set(directory, directory);
  }
  return directory;
}

/** Frees a file of which no section has need any more. */
export function forget(path) {
  made.delete(path);
  rmSync(path, { force: true });
}
