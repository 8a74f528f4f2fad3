import { sameChecksum } from "../layers/compare.js";
import type { Checksum } from "../model/checksum.js";
import { partRange, partSize } from "../model/plan.js";
import type { Receipt } from "../model/receipt.js";
import { checksumOf } from "./part-body.js";
import { checkSource, type Epoch, type Run, receiptEntry, tellProgress } from "./run.js";
import type { Receipts } from "./send-part.js";

/** A part found on the remote, and the checksum that its local bytes must have. */
export interface UnprovenPart {
  readonly receipt: Receipt;
  readonly expected: Checksum;
  /** The journal says just this already. */
  readonly written: boolean;
}

/** Readers at once: enough to keep a disk busy, few enough to leave the sending its turn. */
const readers = 2;

/**
 * Compares found parts with the local bytes, in order of the source. `differs` hears of those to send again.
 * `counts`: these bytes are in the progress as unproven.
 */
export async function prove(
  run: Run,
  epoch: Epoch,
  found: readonly UnprovenPart[],
  receipts: Receipts,
  differs: (number: number) => void,
  counts: boolean,
): Promise<void> {
  const rest = [...found].sort((a, b) => a.receipt.number - b.receipt.number).values();
  const read = async () => {
    for (const part of rest) {
      run.halt.stop.throwIfAborted();
      await provePart(run, epoch, part, receipts, differs, counts);
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: readers }, read));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

async function provePart(
  run: Run,
  epoch: Epoch,
  part: UnprovenPart,
  receipts: Receipts,
  differs: (number: number) => void,
  counts: boolean,
): Promise<void> {
  const { number } = part.receipt;
  const size = partSize(epoch.plan, number);
  await checkSource(run);
  const local = await checksumOf(
    run.source.slice(partRange(epoch.plan, number)),
    run.algorithm,
    run.halt.kill,
  );
  await checkSource(run);
  const same = sameChecksum(local, part.expected);
  if (counts) run.meter.proven(number, size, same);
  run.pulse.progressAt = run.clock.now();
  if (same) {
    const proven = { receipt: part.receipt, local };
    epoch.proven.set(number, proven);
    if (!part.written) await receipts.receipt(receiptEntry(run, epoch, proven));
  } else {
    differs(number);
  }
  run.emit({ type: "part.proven", number, size, same, progress: run.meter.read() });
  tellProgress(run);
}
