import { statfs } from "node:fs";
import { dirname } from "node:path";

/**
 * Filesystems of this machine's own disks and memory, by Linux's numbers. Only there may a call wait in the main
 * thread: a server that went away would hold up everything.
 */
const ownDisks: ReadonlySet<number> = new Set([
  0xef53, // ext2 to ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x01021994, // tmpfs
  0x794c7630, // overlayfs
  0x2fc12fc1, // ZFS
  0xf2f52010, // F2FS
]);

/** A call that took so many milliseconds did not come from memory. */
const slow = 2;
/** So many calls then go through the thread pool before the next try. */
const pause = 64;
/** After so many bytes one call goes through the thread pool, so that everybody else has a turn. */
const turn = 4 * 1024 * 1024;
/** What a call counts at least, in bytes. */
const least = 64 * 1024;

/**
 * Whether files of one filesystem are best read at once, in the main thread, as one reads what lies in the page cache:
 * the thread pool costs more than such a read itself. Found out by doing it.
 */
export class AtOnce {
  #pause: number;
  #bytes = 0;

  /** @param pause Calls to begin with that go through the thread pool. */
  constructor(pause = 0) {
    this.#pause = pause;
  }

  /** Whether the next call may be made at once; if not, it must go through the thread pool. */
  next(): boolean {
    if (this.#pause === 0 && this.#bytes < turn) return true;
    if (this.#pause > 0) this.#pause--;
    this.#bytes = 0;
    return false;
  }

  /** Makes a call at once, and learns from how long it took. */
  run<T>(bytes: number, call: () => T): T {
    this.#bytes += Math.max(bytes, least);
    const from = performance.now();
    try {
      return call();
    } finally {
      if (performance.now() - from > slow) this.#pause = pause;
    }
  }
}

const never = new AtOnce(Infinity);
const byFolder = new Map<string, AtOnce>();
const mostFolders = 1_000;

/** What is known of the filesystem that a file lies in; a folder that was not asked about is looked at beforehand. */
export function atOnceFor(file: string): AtOnce | Promise<AtOnce> {
  const folder = dirname(file);
  return byFolder.get(folder) ?? learn(folder);
}

async function learn(folder: string): Promise<AtOnce> {
  const type = await new Promise<number | undefined>((resolve) => {
    if (process.platform !== "linux") resolve(undefined);
    else statfs(folder, (error, found) => resolve(error ? undefined : found.type));
  });
  if (type === undefined || !ownDisks.has(type)) return remember(folder, never);
  return remember(folder, new AtOnce());
}

function remember(folder: string, pace: AtOnce): AtOnce {
  if (byFolder.size >= mostFolders) byFolder.clear();
  byFolder.set(folder, pace);
  return pace;
}
