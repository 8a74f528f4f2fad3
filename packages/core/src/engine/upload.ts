import type { CheckpointStore } from "../contracts/checkpoint-store.js";
import type { ChecksumAlgorithm } from "../contracts/checksum.js";
import type { Clock } from "../contracts/clock.js";
import type { Source } from "../contracts/source.js";
import type { Transport } from "../contracts/transport.js";
import { isTransferError, TransferError } from "../errors.js";
import type { TransferEvent, UploadResult } from "../events.js";
import { compare } from "../layers/compare.js";
import { observe } from "../layers/observe.js";
import { type Retry, retry } from "../layers/retry.js";
import type { RetryBudget } from "../layers/retry-budget.js";
import { watchdog } from "../layers/watchdog.js";
import { digest } from "../model/digest.js";
import { makePlan } from "../model/plan.js";
import type { Order, Settings } from "../order.js";
import { uploadAsCrew } from "./crew/upload-as-crew.js";
import { type Emit, emitter } from "./emit.js";
import type { Governor } from "./governor/governor.js";
import { Halt } from "./halt.js";
import { ProgressMeter } from "./progress.js";
import { putSmall } from "./put-small.js";
import { newPulse, noteAnswer, type Run, tellLimit } from "./run.js";
import type { LeaseWish } from "./take-lease.js";
import { uploadParts } from "./upload-parts.js";

/** What all uploads of one `createTransfers` share. */
export interface Workshop {
  /** With the user's layers. */
  readonly transport: Transport;
  readonly store: CheckpointStore;
  readonly settings: Settings;
  readonly algorithm: ChecksumAlgorithm;
  readonly clock: Clock;
  readonly governor: Governor;
  readonly budget: RetryBudget;
}

/** What one upload brings. */
export interface Job {
  readonly id: string;
  readonly order: Order;
  /** Opened; stays the caller's to close. */
  readonly source: Source;
  readonly signal: AbortSignal;
  readonly onEvent: (event: TransferEvent) => void;
}

/** One upload from an opened source to the object. */
export async function runUpload(shop: Workshop, job: Job): Promise<UploadResult> {
  const { clock, store, settings } = shop;
  const { id, order, source } = job;
  const size = knownSize(source);
  // A wish that cannot be is refused also where it would not matter: the next file may be larger.
  if (order.partSize !== undefined) makePlan(Math.max(size, 1), shop.transport.limits, order.partSize);
  const opening = await digest(shop.transport.prepare({ key: order.key, options: order.object }));
  const print = await digest(source.fingerprint, 16);
  const emit = emitter(id, order.key, clock, job.onEvent);
  const meter = new ProgressMeter(clock, size);
  const pulse = newPulse(clock);
  const { algorithm, governor } = shop;
  const shared = { id, order, algorithm, clock, emit, meter, governor, source, size, print, opening, pulse };
  const makeRun = (halt: Halt): Run => ({
    ...shared,
    halt,
    transport: armed(shop, order, emit, pulse, halt),
  });

  const halt = new Halt(clock, job.signal);
  const { leaseTtl: ttl, holder } = settings;
  const { wait, crew } = order;
  const what = shop.transport.locate(order.key);
  const wish: LeaseWish = { what, store, clock, ttl, holder, wait, alone: !crew, signal: halt.stop, emit };
  const small = size === 0 || (!crew && size < order.threshold && size <= shop.transport.limits.putObject);
  try {
    if (small) return await putSmall(store, wish, makeRun(halt));
    if (crew) return await uploadAsCrew(store, wish, halt, makeRun);
    return await uploadParts(store, wish, halt, makeRun);
  } catch (error) {
    throw job.signal.aborted && !isTransferError(error) ? job.signal.reason : error;
  } finally {
    halt.over();
  }
}

/** The transport as the engine uses it: every attempt watched and compared, and tried again. */
function armed(shop: Workshop, order: Order, emit: Emit, pulse: Run["pulse"], halt: Halt): Transport {
  const { clock, settings, budget } = shop;
  const { giveUpAfter } = order;
  const watched = watchdog(clock, settings)(observe((answer) => noteAnswer(pulse, answer))(shop.transport));
  return retry({
    clock,
    budget,
    giveUpAfter,
    stop: halt.stop,
    lastProgress: () => pulse.progressAt,
    onRetry(each) {
      tellRetry(emit, each);
      tellLimit(emit, shop.governor.failed(each.error.code));
    },
  })(compare(watched));
}

function tellRetry(emit: Emit, { verb, number, attempt, delay, error }: Retry): void {
  const { code, message } = error;
  if (verb === "openSession" && error.outcome === "unknown") emit({ type: "session.orphaned" });
  emit({
    type: "part.retried",
    verb,
    ...(number !== undefined && { number }),
    attempt,
    delay,
    code,
    message,
  });
}

function knownSize(source: Source): number {
  if (source.size !== undefined) return source.size;
  throw new TransferError(
    "unsupported",
    "The size of the source is not known; give a file, a Blob or bytes.",
  );
}
