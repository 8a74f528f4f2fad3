import type { CheckpointStore, Journal } from "../contracts/checkpoint-store.js";
import type { Clock } from "../contracts/clock.js";
import type { Session } from "../contracts/transport.js";
import { isTransferError } from "../errors.js";
import type { UploadResult } from "../events.js";
import type { Checkpoint } from "../model/checkpoint.js";
import { entryVersion } from "../model/entry.js";
import { carry } from "./carry.js";
import { decide } from "./decide.js";
import { finish } from "./finish.js";
import { findLostSeal, findSealed } from "./found.js";
import { Halt } from "./halt.js";
import { Hold } from "./hold.js";
import { abortOld, continueEpoch, identityOf, openEpoch } from "./open-epoch.js";
import { openJournal } from "./open-journal.js";
import { refuseExisting } from "./put-small.js";
import { readCheckpoint } from "./read-checkpoint.js";
import { type Reconciled, reconcile } from "./reconcile.js";
import type { Epoch, Run } from "./run.js";
import { type Sealed, seal } from "./seal.js";
import { type LeaseWish, takeLease, transferLease } from "./take-lease.js";

/** Sessions may vanish so often in one run before that is believed to be more than bad luck. */
export const mostVanished = 3;

/** Makes a run whose transport stops with `halt`. */
export type MakeRun = (halt: Halt) => Run;

/** The story of one upload in parts, from the lease to the tombstone. */
export async function uploadParts(
  store: CheckpointStore,
  wish: LeaseWish,
  outer: Halt,
  makeRun: MakeRun,
): Promise<UploadResult> {
  const first = makeRun(outer);
  await using opened = await openJournal(store, first.id);
  const { journal } = opened;
  const lease = await takeLease(journal, transferLease, wish);
  const hold = new Hold(journal, lease, wish, first.order.giveUpAfter, (error) => outer.fail(error));
  try {
    return await underLease(journal, hold, wish.clock, outer, makeRun);
  } finally {
    await hold.end();
  }
}

async function underLease(
  journal: Journal,
  hold: Hold,
  clock: Clock,
  outer: Halt,
  makeRun: MakeRun,
): Promise<UploadResult> {
  let before = await readCheckpoint(journal, hold);
  let gone = false;
  for (let vanished = 0; ; vanished++) {
    const run = makeRun(new Halt(clock, outer.stop));
    try {
      return await runEpoch(run, hold, before, gone);
    } catch (error) {
      if (!isTransferError(error, "session-gone") || vanished === mostVanished) throw error;
      // Stopped already: by the caller, or because somebody else went on and the session is theirs.
      outer.stop.throwIfAborted();
      // Perhaps somebody else went on, and finished: then it is theirs, and nothing of ours may follow.
      await hold.confirm();
      gone = true;
      before = await readCheckpoint(journal, hold);
    } finally {
      run.halt.over();
    }
  }
}

async function runEpoch(run: Run, hold: Hold, before: Checkpoint, gone: boolean): Promise<UploadResult> {
  const found = await findSealed(run, before);
  if (found) {
    await tidy(run, hold, before);
    return finish(run, found, "found");
  }
  const decision = decide(run, before);
  if (gone || decision.go === "anew") {
    const lost = gone ? await findLostSeal(run, before) : undefined;
    if (lost) return conclude(run, hold, before.epoch, before.toAbort, lost);
    const reason = decision.go === "anew" ? decision.reason : "session-gone";
    const { epoch, left } = await openEpoch(run, hold, before, reason);
    return complete(run, hold, epoch, { missing: allNumbers(epoch), unproven: [] }, left);
  }
  const epoch = continueEpoch(before.planned!, before.session!, before.sealing);
  const reconciled = await reconcile(run, epoch, before.parts);
  // Once it was being completed, the object there may be ours.
  if (run.order.object.ifAbsent && !epoch.sealing) await refuseExisting(run);
  const progress = run.meter.read();
  run.emit({
    type: "session.resumed",
    epoch: epoch.number,
    session: epoch.session.id,
    parts: epoch.plan.parts - reconciled.missing.length,
    bytes: progress.unproven + progress.acknowledged,
    progress,
  });
  return complete(run, hold, epoch, reconciled, await abortOld(run, hold, before.toAbort));
}

/** Sends, proves and seals. `left`: superseded sessions that could not be aborted. */
async function complete(
  run: Run,
  hold: Hold,
  epoch: Epoch,
  reconciled: Reconciled,
  left: readonly Session[],
): Promise<UploadResult> {
  await carry(run, epoch, hold, reconciled);
  return conclude(run, hold, epoch.number, left, await seal(run, epoch, hold));
}

export async function conclude(
  run: Run,
  hold: Hold,
  epoch: number,
  left: readonly Session[],
  sealed: Sealed,
): Promise<UploadResult> {
  const { tag, checksum, versionId } = sealed.object;
  await hold.conclude({
    type: "sealed",
    v: entryVersion,
    epoch,
    ...identityOf(run),
    size: run.size,
    print: run.print,
    object: { tag, checksum: checksum ?? sealed.checksum, versionId },
    abort: [...left],
    at: run.clock.now(),
  });
  return finish(run, sealed, sealed.outcome);
}

/** Aborts what the run that sealed could not. */
async function tidy(run: Run, hold: Hold, { sealed, toAbort }: Checkpoint): Promise<void> {
  if (!sealed || toAbort.length === 0) return;
  const left = await abortOld(run, hold, toAbort);
  if (left.length < toAbort.length) await hold.conclude({ ...sealed, abort: [...left] });
}

function allNumbers(epoch: Epoch): number[] {
  return Array.from({ length: epoch.plan.parts }, (_, index) => index + 1);
}
