import { isTransferError, TransferError } from "../../errors.js";
import type { UploadResult } from "../../events.js";
import type { Entry, EntryOf } from "../../model/entry.js";
import { carry } from "../carry.js";
import { decide } from "../decide.js";
import { finish } from "../finish.js";
import { findLostSeal, findSealed } from "../found.js";
import { Hold } from "../hold.js";
import { abortOld, continueEpoch, openEpoch } from "../open-epoch.js";
import { readCheckpoint } from "../read-checkpoint.js";
import { reconcile } from "../reconcile.js";
import type { Epoch, Run } from "../run.js";
import { seal } from "../seal.js";
import { memberLeases, transferLease } from "../take-lease.js";
import { conclude } from "../upload-parts.js";
import { insist } from "./insist.js";
import type { Member } from "./member.js";

/** Milliseconds between two looks at what others do. */
const lookEvery = 300;
/** Longest pause, in milliseconds, between two looks at whether a lease expires. */
const expiryLook = 2_000;

/** A session to work on, or the end. */
export type Ready = { readonly epoch: Epoch } | { readonly result: UploadResult };

/** Waits for the session that somebody opens, or opens it. `dead`: a session known to be gone. */
export async function makeReady(run: Run, member: Member, dead: string | undefined): Promise<Ready> {
  const { view } = member;
  let first = true;
  for (;;) {
    await insist(run, () => view.follow());
    const found = view.checkpoint;
    if (found.sealed && (first || found.sealed.epoch > 0)) {
      const same = await findSealed(run, found);
      if (same) return { result: finish(run, same, "found") };
    }
    first = false;
    if (found.session && !found.abandoned && found.session.id !== dead) {
      refuseOther(run, member);
      return { epoch: continueEpoch(found.planned!, found.session, found.sealing) };
    }
    const led = await lead(run, member, async (hold) => {
      const before = await readCheckpoint(member.journal, hold);
      // The others may have finished between our look and our lease.
      const done = await findSealed(run, before);
      if (done) return { result: finish(run, done, "found") };
      const vanished = dead !== undefined && before.session?.id === dead;
      if (before.session && !before.abandoned && !vanished) return undefined;
      const { lost: memory } = view;
      if (before.epoch === 0 && memory && !tellsOf(memory, dead)) {
        await hold.write(...memory);
        return undefined;
      }
      const lost = vanished ? await findLostSeal(run, before) : undefined;
      if (lost) return { result: await conclude(run, hold, before.epoch, before.toAbort, lost) };
      const decision = decide(run, before);
      const reason = vanished ? "session-gone" : decision.go === "anew" ? decision.reason : undefined;
      return { epoch: (await openEpoch(run, hold, before, reason)).epoch };
    });
    if (led) return led;
    await run.clock.sleep(lookEvery, run.halt.stop);
  }
}

function tellsOf(entries: readonly Entry[], session: string | undefined): boolean {
  return entries.some((entry) => entry.type === "opened" && entry.session.id === session);
}

/** A member never throws away what others are working on. */
function refuseOther(run: Run, member: Member): void {
  const decision = decide({ ...run, order: { ...run.order, restart: false } }, member.view.checkpoint);
  if (decision.go === "on" || decision.reason === undefined) return;
  throw new TransferError(
    decision.reason === "options" ? "invalid-options" : "source-changed",
    `A crew is at work on ${run.transport.locate(run.order.key)} with ${decision.reason === "options" ? "other options" : "another source"}; a member must bring the same. Let it finish or discard it first.`,
  );
}

/**
 * Seals once all parts are stored and living members have left their batches, or waits for whoever does. Returns
 * `undefined` when there is work again.
 */
export async function sealTogether(
  run: Run,
  member: Member,
  epoch: Epoch,
): Promise<UploadResult | undefined> {
  const { view } = member;
  for (;;) {
    const { replaced } = await insist(run, () => view.follow());
    const { sealed, session } = view.checkpoint;
    if (sealed && sealed.epoch === epoch.number) return finishWith(run, sealed);
    if (replaced || session?.id !== epoch.session.id) return undefined;
    const result = await lead(run, member, async (hold) => sealAlone(run, member, epoch, hold));
    if (result) return result;
    await run.clock.sleep(lookEvery, run.halt.stop);
  }
}

/** Under the `transfer` lease: what this member did not read itself is proven against its own source. */
async function sealAlone(
  run: Run,
  member: Member,
  epoch: Epoch,
  hold: Hold,
): Promise<UploadResult | undefined> {
  const before = await readCheckpoint(member.journal, hold);
  if (before.sealed || before.session?.id !== epoch.session.id) return undefined;
  while ((await member.journal.leases("parts/")).length > 0) await run.clock.sleep(lookEvery, run.halt.stop);
  const own: Run = { ...run, order: { ...run.order, verify: "fingerprint" } };
  const last = await readCheckpoint(member.journal, hold);
  // The store may have forgotten everything while we waited; what it tells then must not be what we remember.
  if (last.session?.id !== epoch.session.id) return undefined;
  await carry(run, epoch, hold, await reconcile(own, epoch, last.parts));
  const sealed = await seal(run, epoch, hold);
  return conclude(run, hold, epoch.number, await abortOld(run, hold, last.toAbort), sealed);
}

/** What a member that did not seal resolves with: the tombstone's object. */
export function finishWith(run: Run, sealed: EntryOf<"sealed">): UploadResult {
  const { tag, checksum, versionId } = sealed.object;
  const object = { key: sealed.key, size: sealed.size, tag, ...(versionId !== undefined && { versionId }) };
  return finish(run, { object, checksum, overwritten: false }, "sent");
}

/** Does something under the `transfer` lease; `undefined` when another member has it, or died with it. */
function lead<T>(run: Run, member: Member, act: (hold: Hold) => Promise<T>): Promise<T | undefined> {
  return insist(run, () => leadOnce(run, member, act));
}

async function leadOnce<T>(
  run: Run,
  member: Member,
  act: (hold: Hold) => Promise<T>,
): Promise<T | undefined> {
  const { journal, wish } = member;
  let hold: Hold;
  try {
    const lease = await journal.lease(transferLease, wish.ttl, wish.holder);
    hold = new Hold(journal, lease, wish, run.order.giveUpAfter, (error) => run.halt.fail(error));
  } catch (error) {
    if (!isTransferError(error, "lease-held")) throw error;
    const members = await journal.leases(memberLeases);
    const led = members.some((each) => each.holder === error.details.holder);
    if (!led && (await lives(run, member, error)) && !run.order.wait) throw error;
    return undefined;
  }
  try {
    return await act(hold);
  } finally {
    await hold.end();
  }
}

/**
 * Whether a holder who is no member renews its lease: then it is a solo caller at work. One that lets it expire was a
 * dead caller, or a dead member whose other lease ran out first.
 */
async function lives(run: Run, { journal }: Member, held: TransferError<"lease-held">): Promise<boolean> {
  const { holder, expiresAt, expiresIn } = held.details;
  run.emit({ type: "transfer.waiting", holder, expiresIn });
  for (;;) {
    const [lease] = (await journal.leases(transferLease)).filter((each) => each.name === transferLease);
    if (lease?.holder !== holder) return false;
    if (lease.expiresAt > expiresAt) return true;
    await run.clock.sleep(Math.min(lease.expiresIn, expiryLook), run.halt.stop);
  }
}
