import type { CheckpointStore, ListedJournal } from "../contracts/checkpoint-store.js";
import { isTransferError } from "../errors.js";
import { type Checkpoint, foldEntries } from "../model/checkpoint.js";
import type { TransferSummary } from "../summary.js";
import { openJournal } from "./open-journal.js";

/** What a store's journals tell, one by one. Nothing is asked of the remote. */
export async function* listTransfers(store: CheckpointStore): AsyncIterable<TransferSummary> {
  for await (const listed of store.list()) {
    const summary = await summarise(store, listed);
    if (summary) yield summary;
  }
}

async function summarise(
  store: CheckpointStore,
  listed: ListedJournal,
): Promise<TransferSummary | undefined> {
  const { id, updatedAt } = listed;
  await using opened = await openJournal(store, id);
  const { journal } = opened;
  const common = { id, updatedAt, holders: [] as string[] };
  try {
    const holders = (await journal.leases("")).map((lease) => lease.holder);
    common.holders.push(...new Set(holders));
    const { entries } = await journal.read();
    const checkpoint = foldEntries(id, entries);
    return checkpoint.epoch === 0 ? undefined : { ...common, ...tell(checkpoint) };
  } catch (error) {
    if (!isTransferError(error, "checkpoint-unreadable", "checkpoint-too-new")) throw error;
    const nothing = { key: undefined, target: undefined, source: undefined, size: undefined };
    return { ...common, ...nothing, state: "unreadable", storedBytes: 0, parts: 0, storedParts: 0 };
  }
}

function tell(checkpoint: Checkpoint): Omit<TransferSummary, "id" | "updatedAt" | "holders"> {
  const { planned, sealed, parts } = checkpoint;
  const about = sealed ?? planned!;
  const size = sealed?.size ?? planned!.plan.size;
  let storedBytes = 0;
  for (const part of parts.values()) storedBytes += part.receipt.size;
  return {
    state: stateOf(checkpoint),
    key: about.key,
    target: about.target,
    source: about.location,
    size,
    storedBytes: sealed ? size : Math.min(size, storedBytes),
    parts: planned?.plan.parts ?? 0,
    storedParts: parts.size,
  };
}

function stateOf(checkpoint: Checkpoint): TransferSummary["state"] {
  if (checkpoint.sealed) return "sealed";
  if (checkpoint.abandoned) return "abandoned";
  if (checkpoint.sealing) return "sealing";
  return checkpoint.session ? "sending" : "planned";
}
