import type { Journal } from "../contracts/checkpoint-store.js";
import type { ObjectOptions } from "../contracts/transport.js";
import { isTransferError, TransferError } from "../errors.js";
import { foldEntries } from "../model/checkpoint.js";
import type { EntryOf } from "../model/entry.js";
import type { JsonValue } from "../model/json.js";
import type { DiscardResult } from "../summary.js";
import { abortUntilGone } from "./abort.js";
import { emitter } from "./emit.js";
import { Halt } from "./halt.js";
import { Hold } from "./hold.js";
import { sessionsOf } from "./open-epoch.js";
import { openJournal } from "./open-journal.js";
import { readCheckpoint } from "./read-checkpoint.js";
import { steady } from "./steady.js";
import { type LeaseWish, takeLease, transferLease } from "./take-lease.js";
import type { Workshop } from "./upload.js";

/** Milliseconds that a store may be away while a transfer is discarded. */
const patience = 30_000;
const options: ObjectOptions = {};

/**
 * Aborts a transfer's sessions at the remote and forgets it. `abandoned` is written first: a crash in between leaves a
 * transfer that the next discard or upload finishes off.
 */
export async function discardTransfer(
  shop: Workshop,
  which: { readonly id: string; readonly key?: string },
  signal?: AbortSignal,
): Promise<DiscardResult> {
  const { id, key } = which;
  const { store, clock, settings } = shop;
  const halt = new Halt(clock, signal);
  const transport = steady(shop, halt.stop);
  await using opened = await openJournal(store, id);
  const { journal } = opened;
  const entries = await entriesOf(journal);
  const asked = key === undefined ? id : `to ${shop.transport.locate(key)}`;
  if (entries.length === 0) {
    throw new TransferError(
      "not-found",
      `${store.name} knows no transfer ${asked}; partwise list shows those it knows.`,
    );
  }
  const target = refuseForeign(shop, id, entries);
  const emit = emitter(id, "", clock, undefined);
  const wish: LeaseWish = {
    what: target ?? id,
    store,
    clock,
    ttl: settings.leaseTtl,
    holder: settings.holder,
    wait: false,
    alone: true,
    signal: halt.stop,
    emit,
  };
  const lease = await takeLease(journal, transferLease, wish);
  const hold = new Hold(journal, lease, wish, patience, (error) => halt.fail(error));
  try {
    const before = await readCheckpoint(journal, hold);
    if (before.sealed) {
      await hold.drop();
      return { id, aborted: 0 };
    }
    if (!before.abandoned) await hold.write({ type: "abandoned", reason: "discarded" });
    const sessions = sessionsOf(before);
    for (const session of sessions) {
      await abortUntilGone(transport, session, options, clock, halt.stop);
      await hold.write({ type: "aborted", session });
    }
    await hold.drop();
    return { id, aborted: sessions.length };
  } catch (error) {
    throw signal?.aborted && !isTransferError(error) ? signal.reason : error;
  } finally {
    await hold.end();
    halt.over();
  }
}

/** What cannot be read stands for one entry nobody understands: under the lease it is set aside. */
async function entriesOf(journal: Journal): Promise<readonly JsonValue[]> {
  try {
    return (await journal.read()).entries;
  } catch (error) {
    if (isTransferError(error, "checkpoint-unreadable")) return [null];
    throw error;
  }
}

/** The transfer's target, as far as its journal tells. */
function refuseForeign(
  { transport }: Workshop,
  id: string,
  entries: readonly JsonValue[],
): string | undefined {
  let owner: Pick<EntryOf<"planned">, "target" | "transport"> | undefined;
  try {
    const { planned, sealed } = foldEntries(id, entries);
    owner = planned ?? sealed;
  } catch (error) {
    if (!isTransferError(error, "checkpoint-unreadable")) throw error;
  }
  if (!owner || owner.transport === transport.id) return owner?.target;
  throw new TransferError(
    "invalid-options",
    `This transfer goes to ${owner.target} (${owner.transport}); discard it with that transport, not with ${transport.id}.`,
  );
}
