import { type BigIntStats, constants, fstatSync, openSync, readSync, stat, statSync } from "node:fs";
import { resolve } from "node:path";
import { requireSlice } from "../builtin/require-slice.js";
import { sampleOf } from "../builtin/sample.js";
import type { Slice, Source, SourceOpener, SourceState } from "../contracts/source.js";
import { TransferError } from "../errors.js";
import type { JsonValue } from "../model/json.js";
import type { Range } from "../model/range.js";
import { type AtOnce, atOnceFor } from "./at-once.js";
import { FileReader } from "./file-reader.js";
import { requireRegular, unreadable } from "./unreadable.js";

/**
 * A file on this machine, read by position through one descriptor.
 *
 * Opening throws `source-unreadable` for what is missing, may not be read, or is no regular file (a directory, pipe,
 * socket or device). Reading throws `source-changed` when the file became shorter.
 *
 * @param path Relative paths are resolved against the working directory at the time of this call.
 */
export function fileSource(path: string): SourceOpener {
  const location = resolve(path);
  return {
    async open({ signal } = {}) {
      signal?.throwIfAborted();
      const atOnce = await atOnceFor(location);
      const descriptor = await openRegular(location, atOnce);
      const reader = new FileReader(descriptor, location, atOnce);
      try {
        const facts = factsOf(descriptor, location);
        if (facts.size === 0) requireEmpty(descriptor, location);
        const sample = await sampleOf(facts.size, (range, buffers) =>
          reader.read(range, { ...(signal && { signal }), ...(buffers && { buffers }) }),
        );
        signal?.throwIfAborted();
        return new FileSource(reader, location, facts, sample);
      } catch (error) {
        await reader.close();
        throw error;
      }
    },
  };
}

/** What the system says of a file. Times are nanoseconds since 1970, as text: they do not fit a number. */
interface FileFacts {
  readonly size: number;
  readonly mtimeNs: string;
  readonly ctimeNs: string;
  readonly inode: string;
  readonly dev: string;
}

class FileSource implements Source {
  readonly size: number;
  readonly location: string;
  readonly fingerprint: JsonValue;
  readonly #reader: FileReader;
  readonly #facts: FileFacts;

  constructor(reader: FileReader, location: string, facts: FileFacts, sample: string) {
    this.size = facts.size;
    this.location = location;
    this.fingerprint = { kind: "file", ...facts, sample };
    this.#reader = reader;
    this.#facts = facts;
  }

  slice(range: Range): Slice {
    requireSlice(range, this.size);
    return {
      size: range.end - range.start,
      open: (options = {}) => this.#reader.read(range, options),
    };
  }

  async verify(): Promise<SourceState> {
    const now = factsOf(this.#reader.descriptor, this.location);
    const then = this.#facts;
    if (now.size !== then.size || now.mtimeNs !== then.mtimeNs) return "changed";
    return now.ctimeNs === then.ctimeNs ? "same" : "touched";
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}

/**
 * Looks before it opens: opening a pipe would wait for a writer, opening a device may act on it. Only this look goes
 * through the thread pool, and only where it may take long; afterwards the system knows the file and answers at once.
 */
async function openRegular(location: string, atOnce: AtOnce): Promise<number> {
  try {
    const stats = atOnce.next()
      ? atOnce.run(0, () => statSync(location, { bigint: true }))
      : await new Promise<BigIntStats>((resolve, reject) => {
          stat(location, { bigint: true }, (error, found) => (error ? reject(error) : resolve(found)));
        });
    requireRegular(location, stats);
    return openSync(location, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw error instanceof TransferError ? error : unreadable(location, error);
  }
}

function factsOf(descriptor: number, location: string): FileFacts {
  let stats: BigIntStats;
  try {
    stats = fstatSync(descriptor, { bigint: true });
  } catch (error) {
    throw unreadable(location, error);
  }
  requireRegular(location, stats);
  return {
    size: Number(stats.size),
    mtimeNs: String(stats.mtimeNs),
    ctimeNs: String(stats.ctimeNs),
    inode: String(stats.ino),
    dev: String(stats.dev),
  };
}

/** Files that a kernel makes up (/proc, /sys) say they are empty, and are not. */
function requireEmpty(descriptor: number, location: string): void {
  let count: number;
  try {
    count = readSync(descriptor, new Uint8Array(1), 0, 1, 0);
  } catch (error) {
    throw unreadable(location, error);
  }
  if (count === 0) return;
  throw new TransferError(
    "source-unreadable",
    `Cannot read ${location}: it says that it is empty, but it is not. Copy it to an ordinary file first, or wait until nobody writes to it.`,
  );
}
