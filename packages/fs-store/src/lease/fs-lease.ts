import type { Lease } from "@partwise/core/contract";
import { ifExists, leaseLost, storeError } from "../errors.js";
import type { FileSystem } from "../file-system/file-system.js";

/** What a lease needs of its journal. */
export interface LeaseHome {
  readonly id: string;
  readonly fs: FileSystem;
  now(): number;
  /** Whether the file still names this lease as the current one. */
  isCurrent(lease: FsLease): Promise<boolean>;
  /** Writes what was appended under the lease, and forgets it. */
  settle(lease: FsLease): Promise<void>;
  /** After a lease was given back. */
  released(): Promise<void>;
}

/** A lease of ours: alive as long as its file is touched in time. */
export class FsLease implements Lease {
  private ended = false;

  constructor(
    private readonly home: LeaseHome,
    readonly name: string,
    readonly token: string,
    readonly holder: string,
    readonly ttl: number,
    private readonly path: string,
    private expiresAt: number,
  ) {}

  /** Lost, given back or expired. */
  get over(): boolean {
    return this.ended || this.home.now() >= this.expiresAt;
  }

  /** Marks it as lost, for good. */
  lose(): Error {
    this.ended = true;
    return leaseLost(this.name, this.home.id);
  }

  async renew(): Promise<void> {
    const { fs } = this.home;
    try {
      if (this.over || !(await this.home.isCurrent(this))) throw await this.lost();
      const now = this.home.now();
      // Whoever judged us expired looked at the clock first: touched before the old expiry, it was seen in time.
      const touched = await ifExists(fs.touch(this.path, now).then(() => true));
      if (touched === undefined || this.over) throw await this.lost();
      this.expiresAt = now + this.ttl;
    } catch (error) {
      throw storeError(error, this.path);
    }
  }

  async release(): Promise<void> {
    if (this.ended) return;
    try {
      await this.home.settle(this);
      this.ended = true;
      await ifExists(this.home.fs.unlink(this.path));
      await this.home.released();
    } catch (error) {
      throw storeError(error, this.path);
    }
  }

  private async lost(): Promise<Error> {
    const error = this.lose();
    // A touch that came too late must not keep others out.
    await this.home.fs.unlink(this.path).catch(() => {});
    return error;
  }
}
