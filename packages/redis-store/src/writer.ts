import { randomBytes } from "node:crypto";
import { isTransferError, type Lease, TransferError } from "@partwise/core/contract";
import { leaseLost } from "./errors.js";
import { Gather, perCall } from "./gather.js";
import type { JournalKeys } from "./keys.js";
import { setEntriesAside, stageRecords, writeEntries } from "./scripts/entries.js";
import { dropJournal } from "./scripts/upkeep.js";
import { type Server, text } from "./server.js";

type Kind = "append" | "replace" | "setAside" | "drop";

/** A write under an ordered number. */
interface Numbered {
  readonly kind: Kind;
  readonly records: readonly string[];
  readonly number: number;
  readonly nonce: string;
}

/** Milliseconds that staged records wait for their write. */
const stagedFor = 600_000;

export function newNonce(): string {
  return randomBytes(12).toString("hex");
}

/**
 * All that is written under one lease. Ordered writes go one after the other and are numbered; the server keeps the
 * last number beside the lease. So a write whose answer was lost, and that is sent again (by the client library after
 * a reconnect, or by the caller), counts once, and one that arrives after its successor counts not at all.
 */
export class Writer {
  private readonly gather: Gather;
  private readonly as = randomBytes(6).toString("hex");
  private number = 0;
  private queue: Promise<unknown> = Promise.resolve();
  private unsure: Numbered | undefined;

  constructor(
    private readonly server: Server,
    private readonly keys: JournalKeys,
    private readonly id: string,
    private readonly lease: Lease,
    /** Called when entries are stored, with whether they are the only ones. */
    private readonly stored: (fresh: boolean) => Promise<void>,
  ) {
    this.gather = new Gather((records) => this.write("-", "append", records));
  }

  /** Receipts: gathered, and doubled at worst. */
  unordered(records: readonly string[]): Promise<void> {
    return this.gather.add(records);
  }

  append(records: readonly string[]): Promise<void> {
    // Nothing to number: it only asks whether the lease is ours.
    if (records.length === 0) return this.write("-", "append", records);
    return this.ordered("append", records, async ({ number, nonce }) => {
      await this.write(`${this.as}:${number}`, "append", records, nonce);
      await this.server.replicated(this.keys.entries, this.id);
    });
  }

  replace(records: readonly string[]): Promise<void> {
    return this.ordered("replace", records, async ({ number, nonce }) => {
      await this.write(`${this.as}:${number}`, "replace", records, nonce);
      await this.server.replicated(this.keys.entries, this.id);
    });
  }

  setAside(): Promise<string> {
    return this.ordered("setAside", [], async ({ number, nonce }) => {
      const place = this.keys.aside(nonce);
      await this.guarded(
        setEntriesAside,
        [this.keys.entries, this.keys.state, place],
        [String(this.server.settings.ttl), this.lease.name, this.lease.token, `${this.as}:${number}`, nonce],
      );
      return place;
    });
  }

  drop(): Promise<void> {
    return this.ordered("drop", [], async (_, again) => {
      const { name, token } = this.lease;
      const keys = [this.keys.entries, this.keys.state] as const;
      const answer = text(await this.server.run(dropJournal, [...keys], [name, token], this.id));
      // Gone at the second try: the first one did it, and its answer was lost.
      if (answer === "ok" || (again && answer === "gone")) return;
      throw leaseLost(name, this.id);
    });
  }

  /** Resolves when nothing is on its way; never rejects. */
  async settled(): Promise<void> {
    await this.gather.settled();
    await this.queue;
  }

  /** One ordered write at a time. The same again after an unsure one keeps its number. */
  private ordered<T>(
    kind: Kind,
    records: readonly string[],
    work: (write: Numbered, again: boolean) => Promise<T>,
  ): Promise<T> {
    const turn = this.queue.then(async () => {
      const again = this.unsure !== undefined && same(this.unsure, kind, records);
      const write = again ? this.unsure! : { kind, records, number: ++this.number, nonce: newNonce() };
      this.unsure = undefined;
      try {
        return await work(write, again);
      } catch (error) {
        if (isTransferError(error) && error.outcome === "unknown") this.unsure = write;
        throw error;
      }
    });
    this.queue = turn.catch(() => {});
    return turn;
  }

  private async write(
    write: string,
    mode: "append" | "replace",
    records: readonly string[],
    nonce = newNonce(),
  ): Promise<void> {
    const { name, token } = this.lease;
    const large = isLarge(records);
    const staged = large ? await this.stage(records) : undefined;
    const args = [String(this.server.settings.ttl), name, token, write, nonce, mode];
    const answer = await this.guarded(
      writeEntries,
      [this.keys.entries, this.keys.state, ...(staged === undefined ? [] : [staged])],
      [...args, String(large ? records.length : 0), ...(large ? [] : records)],
    );
    if (records.length > 0) await this.stored(answer === "new");
  }

  private async stage(records: readonly string[]): Promise<string> {
    const key = this.keys.staged(newNonce());
    for (const piece of pieces(records)) {
      await this.server.run(stageRecords, [key], [String(stagedFor), ...piece], this.id);
    }
    return key;
  }

  private async guarded(
    script: typeof writeEntries,
    keys: [string, ...string[]],
    args: readonly string[],
  ): Promise<string> {
    const answer = text(await this.server.run(script, keys, args, this.id));
    if (answer === "ok" || answer === "new") return answer;
    if (answer === "lost") throw leaseLost(this.lease.name, this.id);
    throw new TransferError(
      "store-unavailable",
      `${this.server.name} lost part of a large write to journal ${this.id} on its way. Nothing was written; try again.`,
    );
  }
}

function same(one: Numbered, kind: Kind, records: readonly string[]): boolean {
  return (
    one.kind === kind &&
    one.records.length === records.length &&
    one.records.every((record, index) => record === records[index])
  );
}

function isLarge(records: readonly string[]): boolean {
  if (records.length > perCall.records) return true;
  return records.reduce((sum, { length }) => sum + length, 0) > perCall.characters;
}

/** Cuts records into what one call carries. */
function* pieces(records: readonly string[]): Generator<readonly string[]> {
  let piece: string[] = [];
  let characters = 0;
  for (const record of records) {
    if (
      piece.length === perCall.records ||
      (piece.length > 0 && characters + record.length > perCall.characters)
    ) {
      yield piece;
      piece = [];
      characters = 0;
    }
    piece.push(record);
    characters += record.length;
  }
  if (piece.length > 0) yield piece;
}
