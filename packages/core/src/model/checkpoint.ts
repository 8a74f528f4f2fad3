import type { Session } from "../contracts/transport.js";
import { TransferError } from "../errors.js";
import type { Checksum } from "./checksum.js";
import { type Entry, type EntryOf, isSoundPlan, readEntry } from "./entry.js";
import type { JsonValue } from "./json.js";
import type { Receipt } from "./receipt.js";

/** A part's receipt as the journal remembers it. */
export interface StoredPart {
  readonly receipt: Receipt;
  readonly local: Checksum | undefined;
  readonly print: string;
}

/** What the entries of a journal add up to; computed, never saved. */
export interface Checkpoint {
  /** 0 when nothing was planned yet. */
  readonly epoch: number;
  readonly planned: EntryOf<"planned"> | undefined;
  /** Of this epoch. */
  readonly session: Session | undefined;
  /** Of this epoch, by part number. */
  readonly parts: ReadonlyMap<number, StoredPart>;
  readonly sealing: EntryOf<"sealing"> | undefined;
  readonly sealed: EntryOf<"sealed"> | undefined;
  readonly abandoned: boolean;
  /** Sessions of earlier epochs (and this one, once abandoned) not yet known to be gone. */
  readonly toAbort: readonly Session[];
  /** Entries that were not understood and passed over. */
  readonly passedOver: number;
}

/**
 * Folds entries to a checkpoint. Receipts may stand anywhere; alone they count for nothing. Throws `checkpoint-too-new`,
 * or `checkpoint-unreadable` when there are entries but none that says what was meant.
 */
export function foldEntries(id: string, found: readonly JsonValue[]): Checkpoint {
  const { entries, passedOver } = understand(id, found);
  const open = new Map<string, Session>();
  let planned: EntryOf<"planned"> | undefined;
  let session: Session | undefined;
  let sealing: EntryOf<"sealing"> | undefined;
  let sealed: EntryOf<"sealed"> | undefined;
  let abandoned = false;
  let epoch = 0;

  for (const entry of entries) {
    if (entry.type === "planned" && entry.epoch > epoch) {
      ({ epoch } = entry);
      planned = entry;
      session = sealing = sealed = undefined;
      abandoned = false;
    } else if (entry.type === "opened") {
      for (const old of [...entry.abort, entry.session]) open.set(old.id, old);
      if (entry.epoch === epoch) session = entry.session;
    } else if (entry.type === "sealing" && entry.epoch === epoch) {
      sealing = { ...entry, remoteTime: earliest(sealing?.remoteTime, entry.remoteTime) };
    } else if (entry.type === "sealed" && entry.epoch >= epoch) {
      sealed = entry;
      ({ epoch } = entry);
      planned = session = sealing = undefined;
      for (const old of entry.abort) open.set(old.id, old);
    } else if (entry.type === "aborted") {
      open.delete(entry.session.id);
    } else if (entry.type === "abandoned") {
      abandoned = true;
    }
  }
  // Receipts alone: a store that forgot everything was told of one more part before anybody noticed.
  const lost = passedOver === 0 && entries.every((entry) => entry.type === "stored");
  if (epoch === 0 && !lost) {
    throw unreadable(id, `none of its ${found.length} entries says what was planned`);
  }
  const toAbort = [...open.values()].filter((each) => abandoned || each.id !== session?.id);
  return {
    epoch,
    planned,
    session,
    parts: partsOf(entries, epoch),
    sealing,
    sealed,
    abandoned,
    toAbort,
    passedOver,
  };
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : Math.min(a, b ?? a);
}

function understand(id: string, found: readonly JsonValue[]): { entries: Entry[]; passedOver: number } {
  const entries: Entry[] = [];
  for (const each of found) {
    const entry = readEntry(each);
    if (entry?.type === "too-new") {
      throw new TransferError(
        "checkpoint-too-new",
        `The journal of transfer ${id} was written by a newer Partwise (version ${entry.version}). Update Partwise, or discard the transfer with the newer one.`,
        { details: { id, version: entry.version } },
      );
    }
    if (entry && !(entry.type === "planned" && !isSoundPlan(entry.plan))) entries.push(entry);
  }
  return { entries, passedOver: found.length - entries.length };
}

function partsOf(entries: readonly Entry[], epoch: number): Map<number, StoredPart> {
  const parts = new Map<number, StoredPart>();
  for (const entry of entries) {
    if (entry.type !== "stored" || entry.epoch !== epoch) continue;
    const { checksum, ...receipt } = entry.receipt;
    parts.set(receipt.number, {
      receipt: checksum ? { ...receipt, checksum } : receipt,
      local: entry.local,
      print: entry.print,
    });
  }
  return parts;
}

const leftAsItIs = " It is left as it is.";

function unreadable(id: string, why: string): TransferError<"checkpoint-unreadable"> {
  return new TransferError(
    "checkpoint-unreadable",
    `The journal of transfer ${id} cannot be read: ${why}.${leftAsItIs}`,
    { details: { id } },
  );
}

/** The same finding, once the journal lies at `keptAt`. */
export function setAsideAt(id: string, found: TransferError, keptAt: string): TransferError {
  return new TransferError(
    "checkpoint-unreadable",
    `${found.message.replace(leftAsItIs, "")} It was set aside at ${keptAt}; the next run starts anew.`,
    { details: { id, keptAt }, cause: found },
  );
}
