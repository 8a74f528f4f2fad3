import { partRange, partSize } from "../model/plan.js";
import type { Hold } from "./hold.js";
import { PartBody } from "./part-body.js";
import {
  checkSource,
  type Epoch,
  type ProvenPart,
  type Run,
  receiptEntry,
  tellLimit,
  tellProgress,
} from "./run.js";

/** The part of a hold that receipts go to. */
export type Receipts = Pick<Hold, "receipt">;

/** A part that was acknowledged; its receipt is being written. */
export interface Acknowledged {
  /** Resolves when the receipt is durable, or kept for a store that is away. */
  readonly written: Promise<void>;
}

/** Sends one part until it is acknowledged and right. Its receipt is written beside the next part's sending. */
export async function sendPart(
  run: Run,
  epoch: Epoch,
  number: number,
  receipts: Receipts,
  signal: AbortSignal = run.halt.kill,
): Promise<Acknowledged> {
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
    const local = body.last ?? (await body.checksum(run.algorithm.kind));
    const part = { receipt, local };
    run.meter.stored(key, number, size);
    epoch.proven.set(number, part);
    const endedAt = run.clock.now();
    run.pulse.progressAt = endedAt;
    tellLimit(run.emit, run.governor.acknowledged({ bytes: size, startedAt, endedAt }));
    return write(run, epoch, part, receipts);
  } catch (error) {
    run.meter.failed(key);
    body.settle(false);
    throw error;
  }
}

/** Nobody is told of what is not durable: first the receipt, then the event. */
function write(run: Run, epoch: Epoch, part: ProvenPart, receipts: Receipts): Acknowledged {
  const { number, size } = part.receipt;
  const written = receipts.receipt(receiptEntry(run, epoch, part)).then(() => {
    run.emit({ type: "part.stored", number, size, progress: run.meter.read() });
  });
  // Whoever awaits it hears of a failure; until then it must not count as unhandled.
  written.catch(() => undefined);
  return { written };
}
