import type { ChecksumAlgorithm } from "../contracts/checksum.js";
import type { Clock } from "../contracts/clock.js";
import type { Source } from "../contracts/source.js";
import type { Answer, Session, Transport } from "../contracts/transport.js";
import { TransferError } from "../errors.js";
import type { Checksum } from "../model/checksum.js";
import { type EntryOf, storedEntry } from "../model/entry.js";
import type { Plan } from "../model/plan.js";
import type { Receipt } from "../model/receipt.js";
import type { Order } from "../order.js";
import type { Emit } from "./emit.js";
import type { Governor, LimitChange } from "./governor/governor.js";
import type { Halt } from "./halt.js";
import type { ProgressMeter } from "./progress.js";

/** A part that the remote holds and whose bytes are proven to be ours. */
export interface ProvenPart {
  readonly receipt: Receipt;
  readonly local: Checksum;
}

/** Everything the rooms of one upload share. */
export interface Run {
  readonly id: string;
  readonly order: Order;
  /** With all layers: what it throws is final for this run. */
  readonly transport: Transport;
  readonly algorithm: ChecksumAlgorithm;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly meter: ProgressMeter;
  readonly governor: Governor;
  readonly source: Source;
  /** Size of the source, known. */
  readonly size: number;
  /** Digest of the source's fingerprint. */
  readonly print: string;
  /** Digest of all that a session is opened with. */
  readonly opening: string;
  readonly halt: Halt;
  readonly pulse: Pulse;
}

/** What changes while a run goes on. */
export interface Pulse {
  /** When a part last became acknowledged or proven, by the clock. */
  progressAt: number;
  /** The remote's clock at its latest answer. */
  remoteTime: number | undefined;
  /** Only harmless facts of the source moved: everything is proven again before sealing. */
  touched: boolean;
  /** When progress was last told. */
  toldAt: number;
}

/** One session's life: its plan and the parts proven so far. */
export interface Epoch {
  readonly number: number;
  readonly plan: Plan;
  readonly session: Session;
  readonly proven: Map<number, ProvenPart>;
  /** From the journal: this epoch was being sealed before. */
  readonly sealing: EntryOf<"sealing"> | undefined;
}

/** A pulse at the start of a run. */
export function newPulse(clock: Clock): Pulse {
  return { progressAt: clock.now(), remoteTime: undefined, touched: false, toldAt: Number.NEGATIVE_INFINITY };
}

/** Remembers the remote's clock. */
export function noteAnswer(pulse: Pulse, answer: Answer): void {
  if (answer.remoteTime !== undefined) pulse.remoteTime = Math.max(pulse.remoteTime ?? 0, answer.remoteTime);
}

/** Stops a run whose source is no longer what it was when opened. */
export async function checkSource(run: Run): Promise<void> {
  const state = await run.source.verify();
  if (state === "touched") run.pulse.touched = true;
  if (state !== "changed") return;
  throw new TransferError(
    "source-changed",
    `${run.source.location ?? "The source"} changed while it was being sent. Nothing was completed; run the same again when it is at rest, what is right stays.`,
  );
}

/** The refusal to replace an object, found before anything was sent. */
export function alreadyThere(run: Run): TransferError {
  return new TransferError(
    "already-exists",
    `${run.transport.locate(run.order.key)} exists already and may not be replaced (ifAbsent). Nothing was sent.`,
  );
}

/** The journal's word for a part that is there and ours. */
export function receiptEntry(run: Run, epoch: Epoch, part: ProvenPart): EntryOf<"stored"> {
  return storedEntry(epoch.number, part.receipt, part.local, run.print);
}

/** Tells that the governor moved its limit. */
export function tellLimit(emit: Emit, change: LimitChange | undefined): void {
  if (!change) return;
  const { limit, reason, bytesPerSecond } = change;
  emit({
    type: "concurrency.changed",
    limit,
    reason,
    ...(bytesPerSecond !== undefined && { bytesPerSecond }),
  });
}

/** Milliseconds between two `transfer.progressed`. */
const tellEvery = 250;

/** Tells progress, not too often. */
export function tellProgress(run: Run): void {
  const now = run.clock.now();
  if (now - run.pulse.toldAt < tellEvery) return;
  run.pulse.toldAt = now;
  run.emit({ type: "transfer.progressed", progress: run.meter.read() });
}
