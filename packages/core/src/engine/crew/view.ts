import type { Journal, Position } from "../../contracts/checkpoint-store.js";
import type { Session } from "../../contracts/transport.js";
import { type Checkpoint, foldEntries, type StoredPart } from "../../model/checkpoint.js";
import { type Entry, readEntry, storedEntry } from "../../model/entry.js";
import type { JsonValue } from "../../model/json.js";

/** A member's view of the common journal, read on from where it was: cost grows with what is new. */
export class CrewView {
  readonly #journal: Journal;
  #position: Position | undefined;
  #control: JsonValue[] = [];
  readonly #parts = new Map<number, Map<number, StoredPart>>();
  #folded: Checkpoint;
  #lost: readonly Entry[] | undefined;

  constructor(journal: Journal) {
    this.#journal = journal;
    this.#folded = foldEntries(journal.id, []);
  }

  /**
   * Reads what is new. `replaced`: what was known is gone, behind a tombstone or lost. `stored`: parts of this epoch
   * whose receipts are new.
   */
  async follow(): Promise<{ readonly replaced: boolean; readonly stored: readonly number[] }> {
    const page = await this.#journal.read(this.#position);
    const replaced = page.fromStart && this.#position !== undefined && this.#folded.epoch > 0;
    const forgotten = page.entries.every((found) => readEntry(found)?.type === "stored");
    if (replaced && forgotten) this.#lost = this.#all();
    if (page.fromStart) {
      this.#control = [];
      this.#parts.clear();
    }
    this.#position = page.position;
    let fold = page.fromStart;
    const stored: { epoch: number; number: number }[] = [];
    for (const found of page.entries) {
      const entry = readEntry(found);
      if (entry?.type === "stored") {
        const { receipt, local, print } = entry;
        const { checksum, ...plain } = receipt;
        stored.push({ epoch: entry.epoch, number: receipt.number });
        this.#of(entry.epoch).set(receipt.number, {
          receipt: checksum ? { ...plain, checksum } : plain,
          local,
          print,
        });
      } else {
        this.#control.push(found);
        fold = true;
      }
    }
    if (fold) this.#folded = foldEntries(this.#journal.id, this.#control);
    return {
      replaced,
      stored: stored.filter((each) => each.epoch === this.#folded.epoch).map((each) => each.number),
    };
  }

  get checkpoint(): Checkpoint {
    return { ...this.#folded, parts: this.#of(this.#folded.epoch) };
  }

  /** What the journal held before the store lost it. */
  get lost(): readonly Entry[] | undefined {
    return this.#lost;
  }

  #all(): Entry[] {
    const { epoch } = this.#folded;
    const control = this.#control
      .map(readEntry)
      .filter((each) => each !== undefined && each.type !== "too-new");
    const parts = [...this.#of(epoch).values()];
    return [
      ...control,
      ...parts.map(({ receipt, local, print }) => storedEntry(epoch, receipt, local, print)),
    ];
  }

  get session(): Session | undefined {
    return this.#folded.session;
  }

  /** What the journal says of one part of this epoch. */
  part(number: number): StoredPart | undefined {
    return this.#of(this.#folded.epoch).get(number);
  }

  #of(epoch: number): Map<number, StoredPart> {
    const parts = this.#parts.get(epoch) ?? new Map<number, StoredPart>();
    this.#parts.set(epoch, parts);
    return parts;
  }
}
