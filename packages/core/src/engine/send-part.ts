import { partRange, partSize } from "../model/plan.js";
import type { Hold } from "./hold.js";
import { PartBody } from "./part-body.js";
import { checkSource, type Epoch, type Run, receiptEntry, tellLimit, tellProgress } from "./run.js";

/** The part of a hold that receipts go to. */
export type Receipts = Pick<Hold, "receipt">;

/** Sends one part until it is acknowledged and right, and writes its receipt down. */
export async function sendPart(
  run: Run,
  epoch: Epoch,
  number: number,
  receipts: Receipts,
  signal: AbortSignal = run.halt.kill,
): Promise<void> {
  await checkSource(run);
  const size = partSize(epoch.plan, number);
  const key = Symbol(number);
  let attempt = 0;
  let startedAt = 0;
  const body = new PartBody(run.source.slice(partRange(epoch.plan, number)), run.algorithm, {
    opened() {
      if (attempt++ > 0) run.meter.failed(key);
      startedAt = run.clock.now();
      run.emit({ type: "part.started", number, size, attempt });
    },
    moved(bytes) {
      run.meter.moved(key, bytes);
      tellProgress(run);
    },
  });
  try {
    const { session } = epoch;
    const options = run.order.object;
    const { receipt } = await run.transport.putPart({ session, number, body, options }, { signal });
    body.settle(true);
    await checkSource(run);
    const part = { receipt, local: body.last! };
    run.meter.stored(key, number, size);
    epoch.proven.set(number, part);
    const endedAt = run.clock.now();
    run.pulse.progressAt = endedAt;
    tellLimit(run.emit, run.governor.acknowledged({ bytes: size, startedAt, endedAt }));
    await receipts.receipt(receiptEntry(run, epoch, part));
    run.emit({ type: "part.stored", number, size, progress: run.meter.read() });
  } catch (error) {
    run.meter.failed(key);
    body.settle(false);
    throw error;
  }
}
