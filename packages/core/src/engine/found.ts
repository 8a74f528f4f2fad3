import { isTransferError } from "../errors.js";
import { sameChecksum } from "../layers/compare.js";
import type { Checkpoint } from "../model/checkpoint.js";
import type { Checksum } from "../model/checksum.js";
import type { EntryOf } from "../model/entry.js";
import { checksumOf } from "./part-body.js";
import type { Run } from "./run.js";
import type { Sealed } from "./seal.js";
import { findOurs } from "./settle.js";

/** A tombstone is believed for so long, in milliseconds: a day. */
export const tombstoneAge = 24 * 3_600_000;

/** An earlier run had sealed this very source with these options, and its object is still there. */
export async function findSealed(run: Run, before: Checkpoint): Promise<Sealed | undefined> {
  const { sealed } = before;
  if (!sealed || run.order.restart || !isMeant(run, sealed)) return undefined;
  const expected = { size: sealed.size, checksum: sealed.object.checksum, since: undefined };
  // Who may not look cannot know whether it is still there, and sends it again.
  const object = await findOurs(run, expected).catch((error: unknown) => {
    if (isTransferError(error, "denied")) return undefined;
    throw error;
  });
  if (object?.tag !== sealed.object.tag) return undefined;
  const checksum = await provenContent(run, sealed.print, sealed.object.checksum);
  return checksum && { object, checksum, outcome: "proven", overwritten: false };
}

function isMeant(run: Run, sealed: EntryOf<"sealed">): boolean {
  const fresh = run.clock.now() - sealed.at < tombstoneAge;
  const sameTarget = sealed.transport === run.transport.id && sealed.key === run.order.key;
  return fresh && sameTarget && sealed.size === run.size && sealed.opening === run.opening;
}

/** The session is gone, and the journal says it was being sealed: perhaps that succeeded and its answer was lost. */
export async function findLostSeal(run: Run, before: Checkpoint): Promise<Sealed | undefined> {
  const { sealing } = before;
  if (!sealing || sealing.size !== run.size) return undefined;
  const expected = { size: sealing.size, checksum: sealing.checksum, since: sealing.remoteTime };
  const object = await findOurs(run, expected);
  if (!object) return undefined;
  const checksum = await provenContent(run, sealing.print, sealing.checksum);
  if (checksum) run.meter.foundWhole();
  return checksum && { object, checksum, outcome: "proven", overwritten: false };
}

/** The source's checksum if it has the content that was sealed, by fingerprint where that is to be trusted, else by reading. */
async function provenContent(
  run: Run,
  print: string,
  expected: Checksum | undefined,
): Promise<Checksum | undefined> {
  if (expected && run.order.verify === "fingerprint" && print === run.print) return expected;
  const local = await checksumOf(run.source.slice({ start: 0, end: run.size }), run.algorithm, run.halt.kill);
  return !expected || sameChecksum(local, expected) ? local : undefined;
}
