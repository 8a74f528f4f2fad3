import type { CheckpointStore, Journal } from "./contracts/checkpoint-store.js";
import { TransferError } from "./errors.js";
import { foldEntries } from "./model/checkpoint.js";
import type { JsonValue } from "./model/json.js";

/** Milliseconds the leases of a move last; it takes less than a second. */
const ttl = 60_000;

/**
 * Moves one transfer's journal to another store, where the same upload then goes on. Nothing is asked of the remote.
 * The copy is complete before the original goes: a crash between leaves both, and moving again ends it.
 * Throws `not-found`, `lease-held`, or `already-exists` when the other store has a different journal of this id.
 */
export async function moveTransfer(id: string, from: CheckpointStore, to: CheckpointStore): Promise<void> {
  await using origin = await from.open(id);
  await using copy = await to.open(id);
  if ((await origin.read()).entries.length === 0) {
    throw new TransferError("not-found", `${from.name} knows no transfer ${id}.`);
  }
  await underLease(origin, async (originLease) => {
    const { entries } = await origin.read();
    foldEntries(id, entries);
    await refuseCrew(origin);
    await underLease(copy, async (copyLease) => {
      const there = (await copy.read()).entries;
      if (there.length > 0 && !sameTransfer(id, there, entries)) {
        throw new TransferError(
          "already-exists",
          `${to.name} has another journal of transfer ${id}; discard one of them.`,
        );
      }
      await copy.replace(entries, copyLease);
    });
    await origin.drop(originLease);
  });
}

async function underLease(
  journal: Journal,
  act: (lease: Awaited<ReturnType<Journal["lease"]>>) => Promise<void>,
) {
  const lease = await journal.lease("transfer", ttl);
  try {
    await act(lease);
  } finally {
    await lease.release();
  }
}

async function refuseCrew(journal: Journal): Promise<void> {
  const [member] = await journal.leases("member/");
  if (!member) return;
  const { name, holder, expiresAt, expiresIn } = member;
  throw new TransferError(
    "lease-held",
    `A crew (${holder}) is working on transfer ${journal.id}; let it finish first.`,
    {
      details: { lease: name, holder, expiresAt, expiresIn },
    },
  );
}

/** Whether both journals tell of the same session: then the fuller one may replace the other. */
function sameTransfer(id: string, a: readonly JsonValue[], b: readonly JsonValue[]): boolean {
  const [one, two] = [foldEntries(id, a), foldEntries(id, b)];
  return one.epoch === two.epoch && one.session?.id === two.session?.id;
}
