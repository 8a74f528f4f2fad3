import { hostname } from "node:os";
import { resolve } from "node:path";
import {
  type CheckpointStore,
  type Clock,
  isTransferError,
  type ListedJournal,
  systemClock,
  TransferError,
} from "@partwise/core/contract";
import { ids, leftovers, listed } from "./catalog.js";
import { defaultDirectory } from "./directory.js";
import { storeError } from "./errors.js";
import { FileJournal, type FsJournal } from "./file-journal.js";
import type { FileSystem } from "./file-system/file-system.js";
import { nodeFileSystem } from "./file-system/node-file-system.js";
import { nodeProcesses, type Processes } from "./lease/processes.js";
import { clear } from "./log/create-log.js";
import { idPattern, placeOf } from "./log/place.js";
import type { StoreContext } from "./store-context.js";
import { traitsOf } from "./traits.js";

/** Options of {@link fsStore}. */
export interface FsStoreOptions {
  /**
   * Where journals lie; made when first needed, for this user alone. Default: `$PARTWISE_STORE`, else
   * `$XDG_STATE_HOME/partwise`, else `~/.local/state/partwise`.
   */
  readonly directory?: string;
  /** Who holds our leases, for people. Default: process and host. */
  readonly holder?: string;
  /**
   * Least milliseconds of real time between two durable writes that hold nothing but appends with `ordered: false`, 0
   * to 10,000. Default 0: all that comes while one write is under way goes into the next. More spares the disk, but
   * `append` resolves that much later: only for callers who go on meanwhile.
   */
  readonly gatherFor?: number;
  /** Judges when leases expire. Default: the machine's clock. */
  readonly clock?: Clock;
  /** For tests. Default: the machine's files. */
  readonly fileSystem?: FileSystem;
  /** For tests. Default: the machine's processes. */
  readonly processes?: Processes;
}

/** A store on disk. */
export interface FsStore extends CheckpointStore {
  /** Absolute. */
  readonly directory: string;
  /** Why `reach` is less than `host` or `durability` less than `power-loss`; absent when neither is. */
  readonly limited?: string;
  open(id: string): Promise<FsJournal>;
}

/** Left-over directories younger than this may still be in the making. */
const makingTime = 3_600_000;

/**
 * Keeps journals in a directory, one directory for each transfer; see FORMAT.md. Processes of one machine share it.
 * Throws `invalid-options`.
 */
export function fsStore(options: FsStoreOptions = {}): FsStore {
  const { fileSystem: fs = nodeFileSystem, processes = nodeProcesses, clock = systemClock } = options;
  const { gatherFor = 0 } = options;
  if (!(gatherFor >= 0 && gatherFor <= 10_000)) {
    throw new TransferError("invalid-options", `gatherFor is ${gatherFor} ms; use 0 to 10000.`);
  }
  if (options.directory === "" || options.directory?.includes("\0")) {
    throw new TransferError("invalid-options", "The store's directory is empty or no path.");
  }
  const root = resolve(options.directory ?? defaultDirectory());
  const context: StoreContext = {
    fs,
    processes,
    now: () => clock.now(),
    holder: options.holder ?? `process ${process.pid} on ${hostname()}`,
    gatherFor,
    open: new Set(),
  };
  const open = (id: string): FileJournal => {
    checkId(id);
    const journal = new FileJournal(context, placeOf(root, id));
    context.open.add(journal);
    return journal;
  };
  return {
    name: `fs:${root}`,
    directory: root,
    ...traitsOf(fs, root),
    async open(id) {
      return open(id);
    },
    list: () => list(fs, root),
    async prune({ olderThan }) {
      if (!(olderThan >= 0)) {
        throw new TransferError("invalid-options", `olderThan is ${olderThan}; use milliseconds, 0 or more.`);
      }
      const removed: string[] = [];
      try {
        for await (const id of ids(fs, root)) {
          await using journal = open(id);
          const pruned = await journal.prune(clock.now() - olderThan).catch(unlessDamaged);
          if (pruned) removed.push(id);
        }
        for await (const path of leftovers(fs, root, Date.now() - makingTime)) await clear(fs, path);
      } catch (error) {
        throw storeError(error, root);
      }
      return removed;
    },
    async close() {
      await Promise.all([...context.open].map((journal) => journal[Symbol.asyncDispose]()));
    },
  };
}

/** What only a person can judge stays as it is, and keeps nobody from pruning the rest. */
function unlessDamaged(error: unknown): false {
  if (isTransferError(error) && !error.retryable) return false;
  throw error;
}

function checkId(id: string): void {
  if (!idPattern.test(id)) {
    throw new TransferError(
      "invalid-options",
      `${JSON.stringify(id).slice(0, 140)} is no journal id; use 1 to 128 characters of A-Z a-z 0-9 _ -.`,
    );
  }
}

async function* list(fs: FileSystem, root: string): AsyncGenerator<ListedJournal> {
  try {
    yield* listed(fs, root);
  } catch (error) {
    throw storeError(error, root);
  }
}
