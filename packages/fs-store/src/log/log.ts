import { dirname, join } from "node:path";
import { TransferError } from "@partwise/core/contract";
import { failedWith, ifExists, unreadable } from "../errors.js";
import type { FileSystem, OpenFile } from "../file-system/file-system.js";
import { appendWhole, createLog, namesAt, removeLog } from "./create-log.js";
import { encode, formatVersion, type LogRecord, longestLine } from "./frame.js";
import { type Applied, LogFold } from "./log-fold.js";
import { journalPattern, logOfName, type Place } from "./place.js";
import { scan } from "./scan.js";

/** A file of foreign content larger than this is not searched for leases. */
const longestForeign = 64 * 1024 * 1024;

/** A record and its encoding. */
export interface Line {
  readonly record: LogRecord;
  readonly line: string;
}

/** The journal file as we have it open. */
export interface OpenLog {
  /** Its own name, unlike that of any other journal file. */
  readonly name: string;
  readonly path: string;
  readonly file: OpenFile;
  readonly inode: number;
  fold: LogFold;
  /** Bytes it had when we last looked. */
  seen: number;
  /** Whether the names leading to it are durable. */
  rooted: boolean;
}

/**
 * The one file of a journal, which all its writers share: each appends whole lines in one step, then reads what came
 * before them to learn whether they count. One call at a time; the journal sees to that.
 */
export class Log {
  private current: OpenLog | undefined;
  private readonly unsynced = new Set<string>();

  constructor(
    private readonly fs: FileSystem,
    private readonly place: Place,
    private readonly now: () => number,
  ) {}

  /** The file as last looked at. */
  get open(): OpenLog | undefined {
    return this.current;
  }

  /** Finds the file, or makes it, and takes in what was written meanwhile. */
  async look(create: true): Promise<OpenLog>;
  async look(create: boolean): Promise<OpenLog | undefined>;
  async look(create: boolean): Promise<OpenLog | undefined> {
    for (let tries = 0; tries < 100; tries++) {
      const log = (await this.refreshed()) ?? (await this.found());
      if (log?.fold.closed === false) return this.checked(log);
      if (!create) return undefined;
      if (log === undefined) {
        for (const path of await createLog(this.fs, this.place, this.now())) this.unsynced.add(path);
      } else {
        await this.close();
        await removeLog(this.fs, this.place, log.name);
      }
    }
    throw new TransferError(
      "store-unavailable",
      `${this.place.directory} keeps changing under our hands. Try again.`,
    );
  }

  /**
   * Appends records in one step and tells of each whether it counts. None does when the file went away.
   * @param sync Wait until they are durable.
   */
  async write(log: OpenLog, batch: readonly Line[], sync: boolean): Promise<readonly boolean[]> {
    // The line feed in front ends whatever a crash may have torn.
    const bytes = Buffer.from(`\n${batch.map(({ line }) => line).join("")}`);
    await appendWhole(log.file, bytes);
    if (sync) await this.sync(log);
    const facts = await ifExists(this.fs.facts(log.path));
    if (facts === undefined || facts.inode !== log.inode) {
      await this.close();
      return batch.map(() => false);
    }
    if (facts.size !== log.seen + bytes.length || log.fold.consumed !== log.seen) {
      return this.verdicts(log, bytes, facts.size, batch.length);
    }
    let offset = log.seen + 1;
    log.seen = log.fold.consumed = facts.size;
    return batch.map(({ record, line }) => {
      const { granted } = log.fold.record(record, offset);
      offset += Buffer.byteLength(line);
      return granted;
    });
  }

  /** Makes leases work in a file whose content is not ours. */
  async repair(log: OpenLog): Promise<void> {
    if (!log.fold.unreadable || log.fold.repaired) return;
    const record: LogRecord = { version: formatVersion, id: this.place.id, at: this.now(), foreign: true };
    await this.write(log, [{ record, line: encode(record) }], false);
  }

  /** Closes what we hold; the next call looks anew. */
  async close(): Promise<void> {
    const log = this.current;
    this.current = undefined;
    await log?.file.close();
  }

  /** Removes the file after a record closed it. */
  async remove(log: OpenLog): Promise<void> {
    await this.close();
    await removeLog(this.fs, this.place, log.name);
  }

  private async refreshed(): Promise<OpenLog | undefined> {
    const log = this.current;
    if (log === undefined) return undefined;
    const facts = await ifExists(this.fs.facts(log.path));
    if (facts === undefined || facts.inode !== log.inode) {
      await this.close();
      return undefined;
    }
    await this.takeIn(log, facts.size);
    return log;
  }

  private async found(): Promise<OpenLog | undefined> {
    const { directory, id } = this.place;
    const names = await namesAt(this.fs, this.place);
    const name = names?.find((found) => journalPattern.test(found));
    if (name === undefined) return undefined;
    const path = join(directory, name);
    const file = await ifExists(this.fs.open(path, "append")).catch((error) => {
      if (failedWith(error, "EISDIR")) throw unreadable(id, path, "is a directory");
      throw error;
    });
    if (file === undefined) return undefined;
    try {
      const { size, inode } = await file.facts();
      const log = { name, path, file, inode, fold: new LogFold(logOfName(name)), seen: 0, rooted: false };
      await this.takeIn(log, size);
      this.current = log;
      return log;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  private async takeIn(log: OpenLog, size: number): Promise<void> {
    // Somebody cut the file: what we knew of it is worth nothing.
    if (size < log.seen) log.fold = new LogFold(log.fold.log);
    log.seen = size;
    await scan(log.file, log.fold, size);
  }

  /** The slow way, when others wrote too: reads all that is new and finds our own lines in it. */
  private async verdicts(
    log: OpenLog,
    ours: Buffer,
    size: number,
    count: number,
  ): Promise<readonly boolean[]> {
    if (size < log.seen) log.fold = new LogFold(log.fold.log);
    const from = log.fold.consumed;
    const news = Buffer.allocUnsafeSlow(Math.min(Math.max(0, size - from), longestLine * 2));
    const got = await log.file.read(news, from);
    const start = from + news.subarray(0, got).lastIndexOf(ours);
    const verdicts: boolean[] = [];
    log.seen = size;
    await scan(log.file, log.fold, size, ({ granted }: Applied, offset) => {
      if (offset > start && offset < start + ours.length) verdicts.push(granted);
    });
    if (start >= from && verdicts.length === count) return verdicts;
    throw Object.assign(new Error("the file does not hold what was written"), {
      code: "EIO",
      path: log.path,
    });
  }

  private async sync(log: OpenLog): Promise<void> {
    await log.file.datasync();
    if (log.rooted || !this.fs.syncsDirectories) return;
    const { directory, shard, root } = this.place;
    for (const path of [directory, shard, root]) {
      const synced = await ifExists(this.fs.syncDirectory(path).then(() => true));
      // Removed under our hands, which the caller finds out next.
      if (synced === undefined) return;
    }
    for (const path of this.unsynced) await this.syncAbove(path);
    log.rooted = true;
  }

  private async syncAbove(path: string): Promise<void> {
    try {
      await this.fs.syncDirectory(dirname(path));
    } catch (error) {
      // Above our root there may be directories we may not open; what was made there lies within them anyway.
      if (!failedWith(error, "EACCES", "EPERM")) throw error;
    }
    this.unsynced.delete(path);
  }

  private checked(log: OpenLog): OpenLog {
    const { id } = this.place;
    const { tooNew, unreadable: foreign } = log.fold;
    if (tooNew !== undefined) {
      throw new TransferError(
        "checkpoint-too-new",
        `${log.path} was written by a newer Partwise (journal format ${tooNew}). Update this one.`,
        { details: { id, version: tooNew } },
      );
    }
    if (foreign && log.seen > longestForeign) {
      throw unreadable(id, log.path, "is not a journal of Partwise; move it away");
    }
    const named = log.fold.id;
    if (named !== undefined && named !== id) {
      throw new TransferError(
        "store-unavailable",
        `${log.path} holds journal ${named}, not ${id}. Give its directory back its own name, or move it away.`,
        { retryable: false, details: { path: log.path } },
      );
    }
    return log;
  }
}
