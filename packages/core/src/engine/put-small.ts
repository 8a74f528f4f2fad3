import type { CheckpointStore } from "../contracts/checkpoint-store.js";
import type { StoredObject } from "../contracts/transport.js";
import { isTransferError } from "../errors.js";
import type { UploadResult } from "../events.js";
import { abortUntilGone } from "./abort.js";
import { decide } from "./decide.js";
import { type Committed, finish } from "./finish.js";
import { Hold } from "./hold.js";
import { sessionsOf } from "./open-epoch.js";
import { openJournal } from "./open-journal.js";
import { PartBody } from "./part-body.js";
import { pauseAfter } from "./pause.js";
import { readCheckpoint } from "./read-checkpoint.js";
import { alreadyThere, checkSource, type Run, tellProgress } from "./run.js";
import { findOurs } from "./settle.js";
import { type LeaseWish, takeLease, transferLease } from "./take-lease.js";

/** A source below the threshold goes in one request. It writes no journal, but supersedes one that is there. */
export async function putSmall(store: CheckpointStore, wish: LeaseWish, run: Run): Promise<UploadResult> {
  await using opened = await openJournal(store, run.id);
  const { journal } = opened;
  const { entries } = await journal.read().catch((error: unknown) => {
    if (isTransferError(error, "checkpoint-unreadable")) return { entries: [null] };
    throw error;
  });
  if (entries.length === 0) return put(run);
  const lease = await takeLease(journal, transferLease, wish);
  const hold = new Hold(journal, lease, wish, run.order.giveUpAfter, (error) => run.halt.fail(error));
  try {
    const before = await readCheckpoint(journal, hold);
    if (before.planned) decide(run, before);
    const result = await put(run);
    const { object } = run.order;
    for (const session of sessionsOf(before)) {
      await abortUntilGone(run.transport, session, object, run.clock, run.halt.stop);
    }
    await hold.drop();
    return result;
  } finally {
    await hold.end();
  }
}

async function put(run: Run): Promise<UploadResult> {
  const leave = await run.governor.gate.enter(run.halt.stop);
  const key = Symbol("object");
  let attempt = 0;
  const body = new PartBody(run.source.slice({ start: 0, end: run.size }), run.algorithm, {
    opened() {
      if (attempt++ > 0) run.meter.failed(key);
      run.emit({ type: "part.started", number: 1, size: run.size, attempt });
    },
    moved(bytes) {
      run.meter.moved(key, bytes);
      tellProgress(run);
    },
    // One request is live at once: what changed while it was read must never become complete.
    beforeEnd: () => checkSource(run),
  });
  try {
    const { object, outcome } = await putOnce(run, body);
    body.settle(true);
    run.meter.stored(key, 1, run.size);
    const committed: Committed = { object, checksum: body.last!, overwritten: false };
    return finish(run, committed, outcome);
  } catch (error) {
    run.meter.failed(key);
    body.settle(false);
    throw error;
  } finally {
    leave();
  }
}

async function putOnce(
  run: Run,
  body: PartBody,
): Promise<{ object: StoredObject; outcome: "sent" | "proven" }> {
  const { key, object: options } = run.order;
  const call = { signal: run.halt.kill };
  if (options.ifAbsent) await refuseExisting(run);
  const since = run.pulse.remoteTime;
  const began = run.clock.now();
  for (let attempt = 0; ; attempt++) {
    try {
      return { object: await run.transport.putObject({ key, body, options }, call), outcome: "sent" };
    } catch (error) {
      const doubted =
        isTransferError(error) &&
        (error.outcome === "unknown" || (attempt > 0 && error.code === "already-exists"));
      if (!doubted || !options.ifAbsent) throw error;
      const checksum = body.last ?? (await body.checksum(run.algorithm.kind));
      const object = await findOurs(run, { size: run.size, checksum, since });
      if (object) return { object, outcome: "proven" };
      if (error.code === "already-exists" || run.clock.now() - began > run.order.giveUpAfter) throw error;
      await pauseAfter(attempt, run.clock, run.halt.stop);
    }
  }
}

/** Finds an object that may not be replaced before anything is sent. */
export async function refuseExisting(run: Run): Promise<void> {
  const { key, object: options } = run.order;
  const there = await run.transport
    .findObject({ key, options }, { signal: run.halt.kill })
    .catch((error: unknown) => {
      if (isTransferError(error, "denied")) return undefined;
      throw error;
    });
  if (!there) return;
  throw alreadyThere(run);
}
