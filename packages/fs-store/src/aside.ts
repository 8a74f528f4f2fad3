import { join } from "node:path";
import { failedWith } from "./errors.js";
import type { FileSystem, OpenFile } from "./file-system/file-system.js";
import { appendWhole } from "./log/create-log.js";
import type { OpenLog } from "./log/log.js";
import type { Place } from "./log/place.js";

/** Directory below the root for what was set aside; no id's shard has so long a name. */
export const asideName = "aside";

/** Copies a journal file, whatever it holds, to where no journal is looked for. Resolves with its path. */
export async function copyAside(fs: FileSystem, place: Place, log: OpenLog, now: number): Promise<string> {
  const directory = join(place.root, asideName);
  await fs.mkdir(directory).catch((error) => {
    if (!failedWith(error, "EEXIST")) throw error;
  });
  const { file, path } = await createUnused(fs, join(directory, `${place.id}-${Math.floor(now)}`));
  try {
    const block = Buffer.allocUnsafeSlow(1024 * 1024);
    for (let at = 0; ; ) {
      const got = await log.file.read(block, at);
      if (got === 0) break;
      await appendWhole(file, block.subarray(0, got));
      at += got;
    }
    await file.datasync();
  } finally {
    await file.close();
  }
  await fs.syncDirectory(directory);
  await fs.syncDirectory(place.root);
  return path;
}

async function createUnused(
  fs: FileSystem,
  path: string,
): Promise<{ readonly file: OpenFile; readonly path: string }> {
  for (let count = 0; ; count++) {
    const candidate = count === 0 ? path : `${path}-${count}`;
    try {
      return { file: await fs.open(candidate, "create"), path: candidate };
    } catch (error) {
      if (!failedWith(error, "EEXIST")) throw error;
    }
  }
}
