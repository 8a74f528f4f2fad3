import type { FileSystem } from "./file-system/file-system.js";
import type { Processes } from "./lease/processes.js";

/** What all journals of one store share. */
export interface StoreContext {
  readonly fs: FileSystem;
  readonly processes: Processes;
  readonly now: () => number;
  readonly holder: string;
  /** Milliseconds, see the store's option. */
  readonly gatherFor: number;
  /** Journals not closed yet. */
  readonly open: Set<AsyncDisposable>;
}
