import type { FileSystem, OpenFile } from "./file-system.js";

/** Calls that change something, by name, as hooks see them. */
export type EffectName =
  | "create"
  | "append"
  | "datasync"
  | "touch"
  | "rename"
  | "unlink"
  | "mkdir"
  | "rmdir"
  | "syncDirectory";

/**
 * Called around every call that changes something: a harness numbers these, and dies before or after each by throwing.
 * What is thrown before a call keeps it from happening.
 */
export interface FileSystemHooks {
  before?(name: EffectName, path: string): void | Promise<void>;
  after?(name: EffectName, path: string): void | Promise<void>;
}

/** A file system that tells hooks what it does. Works with the real one and with the model. */
export function hookedFileSystem(inner: FileSystem, hooks: FileSystemHooks): FileSystem {
  const around = async <T>(name: EffectName, path: string, work: () => Promise<T>): Promise<T> => {
    await hooks.before?.(name, path);
    const result = await work();
    await hooks.after?.(name, path);
    return result;
  };
  const hookedFile = (file: OpenFile, path: string): OpenFile => ({
    read: (into, position) => file.read(into, position),
    append: (bytes) => around("append", path, () => file.append(bytes)),
    datasync: () => around("datasync", path, () => file.datasync()),
    facts: () => file.facts(),
    close: () => file.close(),
  });
  return {
    syncsDirectories: inner.syncsDirectories,
    typeOf: (path) => inner.typeOf(path),
    async open(path, mode) {
      if (mode !== "create") return hookedFile(await inner.open(path, mode), path);
      return hookedFile(await around("create", path, () => inner.open(path, mode)), path);
    },
    facts: (path) => inner.facts(path),
    readdir: (path) => inner.readdir(path),
    touch: (path, time) => around("touch", path, () => inner.touch(path, time)),
    rename: (from, to) => around("rename", from, () => inner.rename(from, to)),
    unlink: (path) => around("unlink", path, () => inner.unlink(path)),
    mkdir: (path) => around("mkdir", path, () => inner.mkdir(path)),
    rmdir: (path) => around("rmdir", path, () => inner.rmdir(path)),
    syncDirectory: (path) => around("syncDirectory", path, () => inner.syncDirectory(path)),
  };
}
