import type { Journal } from "../contracts/checkpoint-store.js";
import { isTransferError } from "../errors.js";
import { type Checkpoint, foldEntries, setAsideAt } from "../model/checkpoint.js";
import { readEntry } from "../model/entry.js";
import type { Hold } from "./hold.js";

/**
 * Reads and folds a held journal. One that cannot be understood is set aside, never deleted, and told of: the next run
 * starts anew instead of failing for ever.
 */
export async function readCheckpoint(journal: Journal, hold: Hold): Promise<Checkpoint> {
  try {
    const { entries } = await journal.read();
    const checkpoint = foldEntries(journal.id, entries);
    const known = entries.map(readEntry).filter((each) => each !== undefined && each.type !== "too-new");
    const current = known.filter((each) => !("epoch" in each) || each.epoch === checkpoint.epoch);
    hold.remember(
      current.filter((each) => each.type !== "stored"),
      current.filter((each) => each.type === "stored"),
    );
    return checkpoint;
  } catch (error) {
    if (!isTransferError(error, "checkpoint-unreadable")) throw error;
    const keptAt = await hold.setAside();
    throw setAsideAt(journal.id, error, keptAt);
  }
}
