import {
  type AppendOptions,
  isTransferError,
  type Journal,
  type JournalPage,
  type JsonValue,
  type Lease,
  type LeaseInfo,
  type Position,
  TransferError,
} from "@partwise/core/contract";
import { copyAside } from "./aside.js";
import { ifExists, leaseLost, storeError, unreadable } from "./errors.js";
import { Gather, type Pending } from "./gather.js";
import { FsLease, type LeaseHome } from "./lease/fs-lease.js";
import { timeLeft } from "./lease/judge.js";
import type { HolderRecord, TakeRecord } from "./log/frame.js";
import { Log, type OpenLog } from "./log/log.js";
import { nextToken, type TakenLease } from "./log/log-fold.js";
import { leasePath, leasePrefix, type Place } from "./log/place.js";
import { nowhere, Reader } from "./log/reader.js";
import type { StoreContext } from "./store-context.js";

/** A journal on disk. */
export interface FsJournal extends Journal {
  /** Damaged or torn lines passed over in the file, as far as it was read. */
  readonly damaged: number;
}

/** One handle on a journal's file, and the home of the leases taken through it. */
export class FileJournal implements FsJournal, LeaseHome {
  private readonly log: Log;
  private readonly gather: Gather;
  private readonly reader = new Reader();
  private readonly leased = new Map<string, FsLease>();
  private queue: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly store: StoreContext,
    private readonly place: Place,
  ) {
    this.log = new Log(store.fs, place, store.now);
    this.gather = new Gather(store.gatherFor, (batch) => this.write(batch));
  }

  get id(): string {
    return this.place.id;
  }

  get damaged(): number {
    return this.log.open?.fold.damaged ?? 0;
  }

  read(from: Position = nowhere): Promise<JournalPage> {
    return this.alone(async () => {
      const log = await this.log.look(false);
      if (log?.fold.unreadable) throw unreadable(this.id, log.path, "is not a journal of Partwise");
      return this.reader.read(log, from);
    });
  }

  async append(entries: readonly JsonValue[], lease: Lease, options: AppendOptions = {}): Promise<void> {
    if (entries.length === 0) {
      await this.ensureCurrent(lease);
      return;
    }
    const record = { by: by(lease), at: this.store.now(), entries };
    await this.submit(record, lease, options.ordered ?? true);
  }

  async replace(entries: readonly JsonValue[], lease: Lease): Promise<void> {
    await this.submit({ by: by(lease), at: this.store.now(), replace: entries }, lease, true);
  }

  async lease(name: string, ttl: number, holder = this.store.holder): Promise<FsLease> {
    if (!(ttl >= 1_000 && ttl <= 3_600_000)) {
      throw new TransferError("invalid-options", `A lease of ${ttl} ms; use 1000 to 3600000.`);
    }
    if (name.length < 1 || name.length > 256) {
      throw new TransferError(
        "invalid-options",
        `A lease's name has 1 to 256 characters, not ${name.length}.`,
      );
    }
    for (;;) {
      const taken = await this.alone(() => this.tryLease(name, ttl, holder));
      if (taken === undefined) continue;
      const record = {
        take: { name, token: taken.token, ttl, holder, process: this.store.processes.self() },
        at: this.store.now(),
      };
      if (await this.take(record, taken.token)) {
        this.leased.set(taken.token, taken.lease);
        if (taken.before !== undefined) await this.unlinkLease(taken.before);
        return taken.lease;
      }
      // Somebody was faster, or the file went away: look again.
      await this.unlinkLease(taken.token);
    }
  }

  leases(prefix: string): Promise<readonly LeaseInfo[]> {
    return this.alone(async () => {
      const log = await this.log.look(false);
      if (log === undefined) return [];
      const touched = new Set(await ifExists(this.store.fs.readdir(this.place.directory)));
      const infos: LeaseInfo[] = [];
      for (const [name, taken] of log.fold.holders) {
        if (!name.startsWith(prefix) || !touched.has(`${leasePrefix}${taken.token}`)) continue;
        const expiresIn = await timeLeft(this.store, this.place, taken);
        if (expiresIn === undefined) continue;
        infos.push({ name, holder: taken.holder, expiresAt: this.store.now() + expiresIn, expiresIn });
      }
      return infos;
    });
  }

  async setAside(lease: Lease): Promise<string> {
    await this.ensureCurrent(lease);
    const log = this.log.open;
    if (log === undefined) throw this.lost(lease);
    const kept = await this.alone(() => copyAside(this.store.fs, this.place, log, this.store.now()));
    await this.replace([], lease);
    return kept;
  }

  async drop(lease: Lease): Promise<void> {
    await this.submit({ by: by(lease), at: this.store.now(), drop: true }, lease, true);
    await this.removeClosed();
  }

  /**
   * Removes the journal if nobody holds a lease of it and it is unchanged since `before`, or holds nothing.
   * @returns Whether entries were removed.
   */
  async prune(before: number): Promise<boolean> {
    const log = await this.alone(() => this.log.look(false));
    if (log === undefined || log.fold.unreadable) return false;
    const { entries, updatedAt } = log.fold;
    if ((updatedAt ?? (await log.file.facts()).modifiedAt) > before) return false;
    return (await this.closeUnlessHeld(log, true)) && entries > 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.closed) return;
    await this.gather.flush();
    this.closed = true;
    this.store.open.delete(this);
    await this.queue;
    await this.log.close();
  }

  // What a lease needs of its home.
  get fs() {
    return this.store.fs;
  }

  now(): number {
    return this.store.now();
  }

  isCurrent(lease: Lease): Promise<boolean> {
    // After closing there is no file to look at; the fence holds anyway.
    if (this.closed) return Promise.resolve(true);
    return this.alone(async () => {
      const taken = (await this.log.look(false))?.fold.holders.get(lease.name);
      if (taken?.token !== lease.token) return false;
      return this.leased.has(lease.token) || (await timeLeft(this.store, this.place, taken)) !== undefined;
    });
  }

  async settle(lease: Lease): Promise<void> {
    await this.gather.flush();
    this.leased.delete(lease.token);
  }

  /** A journal in which nothing was ever written goes when its last lease goes. */
  async released(): Promise<void> {
    const log = this.log.open;
    if (this.closed || log === undefined || log.fold.entries > 0 || log.fold.replacedAt >= 0) return;
    if (!log.fold.closed && !log.fold.unreadable) await this.closeUnlessHeld(log, false);
  }

  private async closeUnlessHeld(log: OpenLog, sync: boolean): Promise<boolean> {
    const seen = log.seen;
    for (const taken of log.fold.holders.values()) {
      if ((await timeLeft(this.store, this.place, taken)) !== undefined) return false;
    }
    const closed = await this.gather.add({ closeAfter: seen, at: this.store.now() }, { sync, hurry: true });
    if (closed) await this.removeClosed();
    return closed;
  }

  private removeClosed(): Promise<void> {
    return this.alone(async () => {
      const log = this.log.open;
      if (log?.fold.closed) await this.log.remove(log);
    });
  }

  private async tryLease(name: string, ttl: number, holder: string) {
    const log = await this.log.look(true);
    await this.log.repair(log);
    const before = log.fold.holders.get(name);
    if (before !== undefined) {
      const left = await timeLeft(this.store, this.place, before);
      if (left !== undefined) throw this.held(name, before, left);
    }
    const token = nextToken(log.fold, before?.token);
    const path = leasePath(this.place, token);
    const now = this.store.now();
    // Before it is known to anyone, so that nobody finds it missing.
    const file = await ifExists(this.store.fs.open(path, "create"));
    if (file === undefined) return undefined;
    await file.close();
    await this.store.fs.touch(path, now);
    const lease = new FsLease(this, name, token, holder, ttl, path, now + ttl);
    return { token, lease, before: before?.token };
  }

  private held(name: string, { holder }: TakenLease, expiresIn: number): TransferError<"lease-held"> {
    return new TransferError(
      "lease-held",
      `"${name}" is held by ${holder} for another ${expiresIn} ms unless renewed. Wait, or stop the other one.`,
      { details: { lease: name, holder, expiresAt: this.store.now() + expiresIn, expiresIn } },
    );
  }

  private async ensureCurrent(lease: Lease): Promise<void> {
    if (this.leased.get(lease.token)?.over || !(await this.isCurrent(lease))) throw this.lost(lease);
  }

  /** A lease known to be over is refused without asking the disk; nothing is awaited before the record waits. */
  private async submit(record: HolderRecord, lease: Lease, hurry: boolean): Promise<void> {
    const known = this.leased.get(lease.token);
    if (known === undefined ? !(await this.isCurrent(lease)) : known.over) throw this.lost(lease);
    if (!(await this.gather.add(record, { sync: true, hurry }))) throw this.lost(lease);
  }

  private async take(record: TakeRecord, token: string): Promise<boolean> {
    try {
      return await this.gather.add(record, { sync: false, hurry: true });
    } catch (error) {
      await this.unlinkLease(token);
      throw error;
    }
  }

  private lost(lease: Lease): Error {
    return this.leased.get(lease.token)?.lose() ?? leaseLost(lease.name, this.id);
  }

  private unlinkLease(token: string): Promise<unknown> {
    return this.store.fs.unlink(leasePath(this.place, token)).catch(() => {});
  }

  /** Writes a batch and tells each of its records what became of it. */
  private async write(batch: readonly Pending[]): Promise<void> {
    try {
      const verdicts = await this.alone(async () => {
        const log = this.log.open ?? (await this.log.look(false));
        if (log === undefined) return batch.map(() => false);
        return this.log.write(
          log,
          batch,
          batch.some(({ sync }) => sync),
        );
      }, "unknown");
      batch.forEach(({ resolve }, i) => {
        resolve(verdicts[i] === true);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  /** One piece of work on the file at a time; what its calls throw becomes `store-unavailable`. */
  private async alone<T>(
    work: () => Promise<T>,
    outcome: "not-applied" | "unknown" = "not-applied",
  ): Promise<T> {
    const turn = this.queue.then(() => {
      if (this.closed) throw new TransferError("invalid-options", `Journal ${this.id} is closed.`);
      return work();
    });
    this.queue = turn.catch(() => {});
    try {
      return await turn;
    } catch (error) {
      throw isTransferError(error) ? error : storeError(error, this.place.directory, outcome);
    }
  }
}

function by(lease: Lease): string {
  return `${lease.token} ${lease.name}`;
}
