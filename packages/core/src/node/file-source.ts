import { constants } from "node:fs";
import { type FileHandle, open as openFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { requireSlice } from "../builtin/require-slice.js";
import { sampleOf } from "../builtin/sample.js";
import type { Slice, Source, SourceOpener, SourceState } from "../contracts/source.js";
import { TransferError } from "../errors.js";
import type { JsonValue } from "../model/json.js";
import type { Range } from "../model/range.js";
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
      const file = await openRegular(location);
      try {
        const facts = await factsOf(file, location);
        const reader = new FileReader(file, location);
        const sample = await sampleOf(facts.size, (range) => reader.read(range, signal ? { signal } : {}));
        signal?.throwIfAborted();
        return new FileSource(reader, location, facts, sample);
      } catch (error) {
        await file.close();
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
    const now = await this.#reader.use((file) => factsOf(file, this.location));
    const then = this.#facts;
    if (now.size !== then.size || now.mtimeNs !== then.mtimeNs) return "changed";
    return now.ctimeNs === then.ctimeNs ? "same" : "touched";
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}

async function openRegular(location: string): Promise<FileHandle> {
  try {
    // Looked at before it is opened: opening a pipe would wait for a writer, opening a device may act on it.
    requireRegular(location, await stat(location));
    const file = await openFile(location, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    return file;
  } catch (error) {
    throw error instanceof TransferError ? error : unreadable(location, error);
  }
}

async function factsOf(file: FileHandle, location: string): Promise<FileFacts> {
  try {
    const stats = await file.stat({ bigint: true });
    requireRegular(location, stats as never);
    return {
      size: Number(stats.size),
      mtimeNs: String(stats.mtimeNs),
      ctimeNs: String(stats.ctimeNs),
      inode: String(stats.ino),
      dev: String(stats.dev),
    };
  } catch (error) {
    throw error instanceof TransferError ? error : unreadable(location, error);
  }
}
