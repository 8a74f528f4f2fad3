import { constants, type Stats, statfsSync, statSync } from "node:fs";
import * as fs from "node:fs/promises";
import type { FileFacts, FileSystem, OpenFile } from "./file-system.js";

const appending = constants.O_RDWR | constants.O_APPEND;
const flags = {
  read: constants.O_RDONLY,
  append: appending,
  create: appending | constants.O_CREAT | constants.O_EXCL,
} as const;

const windows = process.platform === "win32";

/** The machine's own files. */
export const nodeFileSystem: FileSystem = {
  syncsDirectories: !windows,
  // Elsewhere the number means something else, or nothing.
  typeOf: (path) => {
    const { type } = statfsSync(path);
    return process.platform === "linux" ? type : undefined;
  },
  open: async (path, mode) => new NodeFile(await fs.open(path, flags[mode], 0o600)),
  facts: async (path) => factsOf(await fs.stat(path)),
  touch: (path, time) => fs.utimes(path, time / 1000, time / 1000),
  rename: (from, to) => fs.rename(from, to),
  unlink: (path) => fs.unlink(path),
  mkdir: (path) => fs.mkdir(path, 0o700),
  rmdir: (path) => fs.rmdir(path),
  readdir: async (path) => {
    // Most often there is nothing: a small file looks once for a journal. The thread pool would cost more than all that.
    if (!windows && statSync(path, { throwIfNoEntry: false }) === undefined) throw missing;
    return fs.readdir(path);
  },
  async syncDirectory(path) {
    if (windows) return;
    const directory = await fs.open(path, constants.O_RDONLY);
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  },
};

/** Made once: its stack would cost more than the look, and nobody reads it. */
const missing = Object.assign(new Error("ENOENT: no such directory"), { code: "ENOENT" });

class NodeFile implements OpenFile {
  constructor(private readonly handle: fs.FileHandle) {}

  async read(into: Uint8Array, position: number): Promise<number> {
    let filled = 0;
    while (filled < into.length) {
      const { bytesRead } = await this.handle.read(into, filled, into.length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  }

  async append(bytes: Uint8Array): Promise<number> {
    return (await this.handle.write(bytes)).bytesWritten;
  }

  datasync(): Promise<void> {
    return this.handle.datasync();
  }

  async facts(): Promise<FileFacts> {
    return factsOf(await this.handle.stat());
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

function factsOf(stats: Stats): FileFacts {
  return { size: stats.size, modifiedAt: Math.round(stats.mtimeMs), inode: stats.ino };
}
