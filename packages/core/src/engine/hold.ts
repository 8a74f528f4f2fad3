import type { Journal, Lease } from "../contracts/checkpoint-store.js";
import { isTransferError, TransferError } from "../errors.js";
import { type Checkpoint, foldEntries } from "../model/checkpoint.js";
import { canonicalJson } from "../model/digest.js";
import { type Entry, type EntryOf, toJson } from "../model/entry.js";
import type { JsonValue } from "../model/json.js";
import { type LeaseWish, takeLease, transferLease } from "./take-lease.js";

/** Pause between two tries to reach a store that is away, in milliseconds. */
const storePause = 1_000;
/** How long a finished transfer waits for a store that is away, before it resolves without its tombstone. */
const patienceAtEnd = 5_000;

/**
 * A journal held under the `transfer` lease, and our own memory of what is in it. A store that is away delays receipts
 * and stops only what needs the lease (opening, sealing, aborting); a journal that was lost is written again.
 */
export class Hold {
  readonly #journal: Journal;
  readonly #wish: LeaseWish;
  readonly #giveUpAfter: number;
  readonly #onLost: (error: unknown) => void;
  readonly #ended = new AbortController();
  /** What the journal should hold, to write it again if it is lost. */
  #control: readonly Entry[] = [];
  /** What it will hold once the write under way has worked: after a lost answer it may hold that already. */
  #pending: readonly Entry[] | undefined;
  readonly #stored = new Map<number, EntryOf<"stored">>();
  #late: Entry[] = [];
  #flushing: Promise<void> | undefined;
  #concluded = false;
  #away = false;
  #lease: Lease;
  /** A lease taken in place of a lost one, until the journal is known to be ours. */
  #retaken: Lease | undefined;
  #retaking: Promise<TransferError | undefined> | undefined;
  #confirming: Promise<void> | undefined;
  readonly #keeping: Promise<void>;

  constructor(
    journal: Journal,
    lease: Lease,
    wish: LeaseWish,
    giveUpAfter: number,
    onLost: (error: unknown) => void,
  ) {
    this.#journal = journal;
    this.#lease = lease;
    this.#wish = wish;
    this.#giveUpAfter = giveUpAfter;
    this.#onLost = onLost;
    this.#keeping = this.#keep();
  }

  /** Tells what the journal holds already. */
  remember(control: readonly Entry[], stored: Iterable<EntryOf<"stored">> = []): void {
    this.#control = [...control];
    this.#stored.clear();
    for (const entry of stored) this.#stored.set(entry.receipt.number, entry);
    // What was kept for a store that was away belongs to what went before.
    this.#late = [];
  }

  /** Appends entries whose order matters; resolves when they are durable and the lease was ours. */
  async write(...entries: readonly Entry[]): Promise<void> {
    const anew = entries[0]?.type === "planned";
    const next = anew ? entries : [...this.#control, ...entries];
    this.#pending = next;
    try {
      await this.#insist(() => this.#journal.append(entries.map(toJson), this.#lease));
    } finally {
      this.#pending = undefined;
    }
    if (anew) this.remember(next);
    else this.#control = next;
  }

  /** Appends a receipt, or keeps it for later when the store is away. */
  async receipt(entry: EntryOf<"stored">): Promise<void> {
    this.#stored.set(entry.receipt.number, entry);
    if (this.#away) {
      this.#late.push(entry);
      return;
    }
    try {
      await this.#journal.append([toJson(entry)], this.#lease, { ordered: false });
    } catch (error) {
      this.#late.push(entry);
      if (isTransferError(error, "store-unavailable")) this.#leave(error.message);
      else if (!isTransferError(error, "lease-lost")) throw error;
      else void this.confirm().catch(this.#onLost);
    }
  }

  /** Replaces the whole journal by its last word. A store that stays away does not undo what was done. */
  async conclude(entry: Entry): Promise<void> {
    await this.#finishLate();
    await this.#insist(() => this.#journal.replace([toJson(entry)], this.#lease), patienceAtEnd).catch(
      (error) => {
        if (!isTransferError(error, "store-unavailable", "lease-lost")) throw error;
      },
    );
  }

  /** Puts the entries aside; says where. */
  setAside(): Promise<string> {
    return this.#journal.setAside(this.#lease);
  }

  /** Removes the journal. */
  async drop(): Promise<void> {
    this.#ended.abort();
    await this.#keeping;
    await this.#insist(() => this.#journal.drop(this.#lease));
  }

  /** Resolves when the lease is certainly ours now. Throws `lease-lost` when somebody else went on. */
  confirm(): Promise<void> {
    this.#confirming ??= this.#insist(() => this.#lease.renew()).finally(() => {
      this.#confirming = undefined;
    });
    return this.#confirming;
  }

  /** Gives the lease back and closes the journal. */
  async end(): Promise<void> {
    this.#ended.abort();
    await this.#keeping;
    await this.#confirming?.catch(() => undefined);
    try {
      if (!this.#away) await this.#flush();
      await (this.#retaken ?? this.#lease).release();
    } catch (error) {
      // An unreleased lease expires; an unwritten receipt costs a listing.
      if (!isTransferError(error)) throw error;
    }
  }

  async #keep(): Promise<void> {
    const { clock, ttl } = this.#wish;
    const ended = this.#ended.signal;
    while (!ended.aborted) {
      await clock.sleep(ttl / 3, ended).catch(() => undefined);
      if (ended.aborted) return;
      await this.#renewOnce().catch(this.#onLost);
    }
  }

  /** The keeper's look: a store that is away is looked at again next time. */
  async #renewOnce(): Promise<void> {
    if (this.#confirming !== undefined) return;
    try {
      await this.#lease.renew();
      await this.#comeBack();
    } catch (error) {
      if (isTransferError(error, "store-unavailable")) this.#leave(error.message);
      else if (isTransferError(error, "lease-lost")) await this.confirm();
      else throw error;
    }
  }

  /** Does something that needs store and lease, as often as it takes. */
  async #insist(act: () => Promise<void>, patience = this.#giveUpAfter): Promise<void> {
    const { clock, signal } = this.#wish;
    const began = clock.now();
    for (;;) {
      try {
        await act();
        await this.#comeBack();
        return;
      } catch (error) {
        const away = isTransferError(error, "lease-lost") ? await this.#retake(error) : error;
        if (!away) continue;
        if (!isTransferError(away, "store-unavailable") || clock.now() - began > patience) throw away;
        this.#leave(away.message);
        await clock.sleep(storePause, signal);
      }
    }
  }

  /**
   * Our lease is gone: take it again if nobody else went on, and write again what the journal has lost. Resolves with
   * the error of a store that cannot be asked now. One try serves all who wait for it.
   */
  #retake(lost: TransferError): Promise<TransferError | undefined> {
    this.#retaking ??= this.#retakeOnce(lost).finally(() => {
      this.#retaking = undefined;
    });
    return this.#retaking;
  }

  async #retakeOnce(lost: TransferError): Promise<TransferError | undefined> {
    let ours: boolean;
    try {
      this.#retaken ??= await takeLease(this.#journal, transferLease, { ...this.#wish, wait: false });
      ours = await this.#writeAgain(this.#retaken);
    } catch (error) {
      if (isTransferError(error, "lease-held")) throw this.#taken(`${error.details.holder} has it now`, lost);
      if (isTransferError(error, "store-unavailable")) return error;
      this.#retaken = undefined;
      // Lost again while it was read under: once more, unless the run has ended and says so with this very error.
      if (isTransferError(error, "lease-lost") && !this.#wish.signal.aborted) return undefined;
      throw error;
    }
    // Until here nothing else may be written under it: a receipt alone in a journal made anew would make no sense,
    // and ours are of no use in one that tells of somebody else's run.
    const lease = this.#retaken;
    this.#retaken = undefined;
    if (!ours) {
      await lease.release().catch(() => undefined);
      throw this.#taken("another run went on meanwhile", lost);
    }
    this.#lease = lease;
    return undefined;
  }

  /** Whether the journal tells what we remember; one that has lost its beginning is written again. */
  async #writeAgain(lease: Lease): Promise<boolean> {
    const page = await this.#journal.read();
    const mine = [...this.#control, ...this.#stored.values()];
    const found = this.#fold(page.entries);
    if (found.epoch === 0) {
      if (mine.length > 0) await this.#journal.append(mine.map(toJson), lease);
      return true;
    }
    const same = (known: readonly Entry[]) => gistOf(found) === gistOf(this.#fold(known.map(toJson)));
    return same(this.#control) || (this.#pending !== undefined && same(this.#pending));
  }

  #fold(entries: readonly JsonValue[]): Checkpoint {
    return foldEntries(this.#journal.id, entries);
  }

  #taken(how: string, cause: TransferError): TransferError<"lease-lost"> {
    this.#late = [];
    const session = this.#fold(this.#control.map(toJson)).session?.id ?? "none";
    return new TransferError(
      "lease-lost",
      `The lease of transfer ${this.#journal.id} was lost: ${how}. Stopped (session ${session}); what was sent is not lost.`,
      { details: { lease: transferLease }, cause },
    );
  }

  #leave(message: string): void {
    if (this.#away) return;
    this.#away = true;
    this.#wish.emit({ type: "store.away", message });
  }

  async #comeBack(): Promise<void> {
    await this.#flush();
    if (!this.#away) return;
    this.#away = false;
    this.#wish.emit({ type: "store.back" });
  }

  /** From now on receipts are of no use; one that is being written must not land behind the last word. */
  async #finishLate(): Promise<void> {
    this.#concluded = true;
    await this.#flushing?.catch(() => undefined);
    this.#late = [];
  }

  /** Writes what was kept; one writing serves all who ask for it meanwhile. */
  async #flush(): Promise<void> {
    this.#flushing ??= this.#flushOnce().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  async #flushOnce(): Promise<void> {
    if (this.#late.length === 0 || this.#concluded) return;
    const late = this.#late;
    this.#late = [];
    try {
      await this.#journal.append(late.map(toJson), this.#lease, { ordered: false });
    } catch (error) {
      this.#late.unshift(...late);
      throw error;
    }
  }
}

/** All by which two runs' journals differ, receipts aside. */
function gistOf({ epoch, planned, session, sealed, abandoned }: Checkpoint): string {
  const gist = [epoch, planned ?? null, session?.id ?? null, sealed ?? null, abandoned];
  return canonicalJson(gist as JsonValue);
}
