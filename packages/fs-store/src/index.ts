/** Front door: journals in a directory. */

export type { FsJournal } from "./file-journal.js";
export type { FileFacts, FileSystem, OpenFile } from "./file-system/file-system.js";
export { type EffectName, type FileSystemHooks, hookedFileSystem } from "./file-system/hooked-file-system.js";
export {
  type CrashOptions,
  type ModelFileSystem,
  type ModelFileSystemOptions,
  modelFileSystem,
} from "./file-system/model-file-system.js";
export { nodeFileSystem } from "./file-system/node-file-system.js";
export { type FsStore, type FsStoreOptions, fsStore } from "./fs-store.js";
export { nodeProcesses, type Processes, type ProcessMark } from "./lease/processes.js";
