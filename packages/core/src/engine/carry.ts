import { PartQueue } from "./part-queue.js";
import { prove } from "./prove.js";
import { pump } from "./pump.js";
import type { Reconciled } from "./reconcile.js";
import type { Epoch, Run } from "./run.js";
import { type Receipts, sendPart } from "./send-part.js";

/**
 * Sends what is missing while what was found is proven beside it; what differs joins the sending.
 * @param counts False when the found parts are in the progress already.
 */
export async function carry(
  run: Run,
  epoch: Epoch,
  receipts: Receipts,
  { missing, unproven }: Reconciled,
  counts = true,
): Promise<void> {
  const queue = new PartQueue(missing);
  const differs = (number: number) => {
    epoch.proven.delete(number);
    queue.push(number);
  };
  const proving = prove(run, epoch, unproven, receipts, differs, counts)
    .catch((error: unknown) => run.halt.fail(error))
    .finally(() => queue.close());
  const writing = new Set<Promise<void>>();
  const send = async (number: number, over: AbortSignal) => {
    const signal = AbortSignal.any([run.halt.kill, over]);
    const { written } = await sendPart(run, epoch, number, receipts, signal);
    const receipt = written
      .catch((error: unknown) => run.halt.fail(error))
      .finally(() => writing.delete(receipt));
    writing.add(receipt);
  };
  try {
    await pump(run, queue, send);
  } finally {
    await proving;
    await Promise.all(writing);
  }
  run.halt.stop.throwIfAborted();
}
