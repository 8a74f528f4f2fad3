import type { Lease } from "../../contracts/checkpoint-store.js";
import { isTransferError } from "../../errors.js";
import { sameChecksum } from "../../layers/compare.js";
import type { StoredPart } from "../../model/checkpoint.js";
import { toJson } from "../../model/entry.js";
import { partRange, partSize } from "../../model/plan.js";
import type { Receipt } from "../../model/receipt.js";
import { checksumOf } from "../part-body.js";
import { checkSource, type Epoch, type Run, receiptEntry, tellProgress } from "../run.js";
import { type Receipts, sendPart } from "../send-part.js";
import { Batches } from "./batches.js";
import { insist } from "./insist.js";
import type { Member } from "./member.js";

/** Milliseconds between two looks for a batch that somebody left. */
const lookEvery = 300;

/** Sends or proves batch after batch until every part is stored. `lost`: the journal no longer tells of this epoch. */
export async function workOff(run: Run, member: Member, epoch: Epoch): Promise<"stored" | "lost"> {
  const desk = await Desk.open(run, member, epoch);
  await desk.work();
  run.halt.stop.throwIfAborted();
  return desk.lost ? "lost" : "stored";
}

/** The common state of one member's hands. */
class Desk {
  readonly #run: Run;
  readonly #member: Member;
  readonly #epoch: Epoch;
  readonly #batches: Batches;
  /** At the remote when we came; a receipt older than this must be among them to be believed. */
  readonly #listed: ReadonlyMap<number, Receipt>;
  readonly #doubted = new Map<number, string>();
  /** Batches with parts to do, as far as we know. */
  readonly #open = new Set<number>();
  readonly #mine = new Set<number>();
  #following: Promise<void> | undefined;
  lost = false;

  private constructor(run: Run, member: Member, epoch: Epoch, listed: ReadonlyMap<number, Receipt>) {
    this.#run = run;
    this.#member = member;
    this.#epoch = epoch;
    this.#batches = new Batches(epoch.plan);
    this.#listed = listed;
    // Members begin at different places, so that they seldom want the same batch.
    const first = Math.floor(run.clock.random() * this.#batches.count);
    // Who has just opened a session still has the view of the one before.
    const { epoch: viewed, parts } = member.view.checkpoint;
    const known = viewed === epoch.number ? parts : new Map<number, StoredPart>();
    for (const [number, { receipt }] of known) {
      if (listed.get(number)?.tag !== receipt.tag) this.#doubted.set(number, receipt.tag);
    }
    const { count } = this.#batches;
    for (let step = 0; step < count; step++) this.#open.add((first + step) % count);
    this.#note(known.keys());
  }

  static async open(run: Run, member: Member, epoch: Epoch): Promise<Desk> {
    const { session } = epoch;
    const listed = new Map<number, Receipt>();
    for await (const page of run.transport.listParts(
      { session, options: run.order.object },
      { signal: run.halt.kill },
    )) {
      for (const receipt of page.parts) listed.set(receipt.number, receipt);
    }
    return new Desk(run, member, epoch, listed);
  }

  /** Takes batch after batch, as many at once as the gate lets in. Settles only when nothing of ours is in flight. */
  async work(): Promise<void> {
    const { clock, halt, governor } = this.#run;
    const flying = new Set<Promise<void>>();
    try {
      while (!this.lost && this.#open.size > 0) {
        const leave = await governor.gate.enter(halt.stop);
        const taken = await this.#takeBatch().catch((error: unknown) => {
          leave();
          throw error;
        });
        if (taken) {
          const flight: Promise<void> = this.#finishBatch(taken.index, taken.lease)
            .catch((error: unknown) => halt.fail(error))
            .finally(() => {
              leave();
              flying.delete(flight);
            });
          flying.add(flight);
        } else {
          leave();
          await Promise.race([clock.sleep(lookEvery, halt.stop), ...flying]);
          await this.#follow();
        }
      }
    } catch (error) {
      halt.fail(error);
    } finally {
      await Promise.all(flying);
    }
  }

  async #takeBatch(): Promise<{ index: number; lease: Lease } | undefined> {
    const { journal, wish } = this.#member;
    for (const index of this.#open) {
      if (this.#mine.has(index)) continue;
      this.#mine.add(index);
      try {
        const lease = await journal.lease(`parts/${this.#epoch.number}.${index}`, wish.ttl, wish.holder);
        return { index, lease };
      } catch (error) {
        this.#mine.delete(index);
        if (isTransferError(error, "store-unavailable")) return undefined;
        if (!isTransferError(error, "lease-held")) throw error;
      }
    }
    return undefined;
  }

  async #finishBatch(index: number, lease: Lease): Promise<void> {
    const { keeper } = this.#member;
    let held = true;
    keeper.add(lease, () => {
      held = false;
    });
    const receipts: Receipts = {
      receipt: async (entry) => {
        if (!(await this.#append(toJson(entry), lease))) held = false;
      },
    };
    try {
      await this.#follow();
      for (const number of this.#batches.numbers(index)) {
        if (!held || this.lost) return;
        this.#run.halt.stop.throwIfAborted();
        if (!this.#isStored(number)) await this.#storePart(number, receipts);
      }
      await this.#follow();
    } finally {
      await keeper.release(lease);
      this.#mine.delete(index);
    }
  }

  /** A part that is there and ours only wants its receipt; any other is sent. */
  async #storePart(number: number, receipts: Receipts): Promise<void> {
    if (await this.#prove(number, receipts)) return;
    const { written } = await sendPart(this.#run, this.#epoch, number, receipts);
    await written;
  }

  async #prove(number: number, receipts: Receipts): Promise<boolean> {
    const receipt = this.#listed.get(number);
    const size = partSize(this.#epoch.plan, number);
    if (receipt?.size !== size || receipt.checksum?.kind !== this.#run.algorithm.kind) return false;
    await checkSource(this.#run);
    const slice = this.#run.source.slice(partRange(this.#epoch.plan, number));
    const local = await checksumOf(slice, this.#run.algorithm, this.#run.halt.kill);
    const same = sameChecksum(local, receipt.checksum);
    this.#run.meter.found(size);
    this.#run.meter.proven(number, size, same);
    if (same) {
      const part = { receipt, local };
      this.#epoch.proven.set(number, part);
      await receipts.receipt(receiptEntry(this.#run, this.#epoch, part));
    }
    this.#run.emit({ type: "part.proven", number, size, same, progress: this.#run.meter.read() });
    return same;
  }

  /** Writes a receipt under the batch's lease; false when the batch is no longer ours. A store that is away is waited for. */
  async #append(entry: ReturnType<typeof toJson>, lease: Lease): Promise<boolean> {
    try {
      await insist(this.#run, () => this.#member.journal.append([entry], lease, { ordered: false }));
      return true;
    } catch (error) {
      if (isTransferError(error, "lease-lost")) return false;
      throw error;
    }
  }

  #isStored(number: number): boolean {
    const stored = this.#member.view.part(number);
    return stored !== undefined && this.#doubted.get(number) !== stored.receipt.tag;
  }

  /** One look at the journal for all hands that want one. */
  #follow(): Promise<void> {
    this.#following ??= this.#read().finally(() => {
      this.#following = undefined;
    });
    return this.#following;
  }

  async #read(): Promise<void> {
    const { view } = this.#member;
    try {
      const { replaced, stored } = await view.follow();
      if (replaced || view.session?.id !== this.#epoch.session.id) this.lost = true;
      // A receipt newer than our listing stands for itself, though the same bytes make the same tag.
      for (const number of stored) this.#doubted.delete(number);
      this.#note(stored);
    } catch (error) {
      if (!isTransferError(error, "store-unavailable")) throw error;
    }
  }

  /** Counts parts whose receipts are new, and closes batches that are complete. */
  #note(stored: Iterable<number>): void {
    for (const number of stored) {
      if (!this.#isStored(number)) continue;
      this.#run.meter.storedElsewhere(number, partSize(this.#epoch.plan, number));
      const index = this.#batches.indexOf(number);
      if (this.#batches.numbers(index).every((each) => this.#isStored(each))) this.#open.delete(index);
    }
    tellProgress(this.#run);
  }
}
