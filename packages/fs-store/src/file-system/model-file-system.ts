import type { FileSystem } from "./file-system.js";
import { type FileSystemHooks, hookedFileSystem } from "./hooked-file-system.js";
import { ModelFiles } from "./model-files.js";

/** Options of {@link modelFileSystem}. */
export interface ModelFileSystemOptions {
  readonly hooks?: FileSystemHooks;
  /** Time that new and changed files carry, in milliseconds since 1970. Default: the machine's. */
  readonly now?: () => number;
  /** Bytes it has room for. Default: no limit. */
  readonly room?: number;
}

/** Options of `ModelFileSystem.crash`. */
export interface CrashOptions {
  /**
   * Without: power loss takes all that was not synced. With: it takes some of it; every unsynced name, rename and
   * byte may be there or not, a last write cut anywhere or turned to zeros. The same seed makes the same choices.
   */
  readonly seed?: number;
  /** Hooks of the file system after the crash. Default: none. */
  readonly hooks?: FileSystemHooks;
}

/** A file system in memory, which knows what would survive power loss. */
export interface ModelFileSystem extends FileSystem {
  /** What is found after power loss, as a new file system; this one stays as it is. */
  crash(options?: CrashOptions): ModelFileSystem;
  /** The same files, seen through hooks. */
  with(hooks: FileSystemHooks): ModelFileSystem;
  /** Frees so many bytes of a disk with limited room. */
  addRoom(bytes: number): void;
  /** All files by path, as seen now. */
  files(): ReadonlyMap<string, Buffer>;
  /** Puts content in place of a file's, durably: damage, as a disk or a person does it. */
  damage(path: string, content: Uint8Array): void;
}

/** Makes an empty model file system, for tests of whatever keeps journals on disk. */
export function modelFileSystem(options: ModelFileSystemOptions = {}): ModelFileSystem {
  return dressed(new ModelFiles(options), options.hooks);
}

function dressed(model: ModelFiles, hooks: FileSystemHooks | undefined): ModelFileSystem {
  const calls = hooks === undefined ? model : hookedFileSystem(model, hooks);
  return {
    ...bound(calls),
    crash: (options = {}) => dressed(model.crash(options.seed), options.hooks),
    with: (more) => dressed(model, more),
    addRoom: (bytes) => model.addRoom(bytes),
    files: () => model.files(),
    damage: (path, content) => model.damage(path, content),
  };
}

function bound(fs: FileSystem): FileSystem {
  return {
    syncsDirectories: fs.syncsDirectories,
    typeOf: (path) => fs.typeOf(path),
    open: (path, mode) => fs.open(path, mode),
    facts: (path) => fs.facts(path),
    touch: (path, time) => fs.touch(path, time),
    rename: (from, to) => fs.rename(from, to),
    unlink: (path) => fs.unlink(path),
    mkdir: (path) => fs.mkdir(path),
    rmdir: (path) => fs.rmdir(path),
    readdir: (path) => fs.readdir(path),
    syncDirectory: (path) => fs.syncDirectory(path),
  };
}
