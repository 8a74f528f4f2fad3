import { TransferError } from "../errors.js";
import type { Range } from "./range.js";

/** How a source is cut: immutable, stored in the journal, never computed again. */
export interface Plan {
  /** Bytes of the source, at least 1. */
  readonly size: number;
  /** Bytes of every part but the last. */
  readonly partSize: number;
  /** Number of parts, from 1. */
  readonly parts: number;
}

/** Part size asked for by default: 10 MiB, as in oss2. */
export const defaultPartSize = 10 * 1024 * 1024;

/** Grown part sizes are whole multiples of this: 64 KiB, so that reads stay aligned. */
const grain = 64 * 1024;

/** What a plan must obey. */
export interface PlanLimits {
  readonly partSize: { readonly min: number; readonly max: number };
  readonly parts: number;
}

/**
 * Cuts `size` bytes into parts. Without a wish the part size is `usual`, grown so that the remote's number of parts
 * suffices; a wish is obeyed or refused (`invalid-options`), never bent. A source no plan can hold is `too-large`.
 */
export function makePlan(size: number, limits: PlanLimits, wish?: number, usual = defaultPartSize): Plan {
  if (!Number.isSafeInteger(size) || size < 1)
    throw new RangeError(`a plan needs a size of 1 or more, not ${size}`);
  const most = limits.partSize.max * limits.parts;
  if (size > most) {
    throw new TransferError(
      "too-large",
      `The source has ${size} bytes; the remote takes at most ${most} (${limits.parts} parts of ${limits.partSize.max}). Split the source.`,
    );
  }
  if (wish !== undefined) checkWish(size, limits, wish);
  const needed = Math.ceil(Math.ceil(size / limits.parts) / grain) * grain;
  const partSize = Math.min(wish ?? Math.max(usual, limits.partSize.min, needed), limits.partSize.max);
  return { size, partSize, parts: Math.ceil(size / partSize) };
}

function checkWish(size: number, limits: PlanLimits, wish: number): void {
  const { min, max } = limits.partSize;
  if (!Number.isSafeInteger(wish) || wish < min || wish > max) {
    throw new TransferError(
      "invalid-options",
      `partSize is ${wish}; the remote takes ${min} to ${max} bytes.`,
    );
  }
  if (Math.ceil(size / wish) > limits.parts) {
    const least = Math.ceil(size / limits.parts);
    throw new TransferError(
      "invalid-options",
      `partSize ${wish} cuts ${size} bytes into ${Math.ceil(size / wish)} parts; the remote takes ${limits.parts}. Use ${least} or more, or leave partSize out.`,
    );
  }
}

/** Bytes of part `number`. */
export function partRange(plan: Plan, number: number): Range {
  if (!Number.isInteger(number) || number < 1 || number > plan.parts) {
    throw new RangeError(`part ${number} is not in 1…${plan.parts}`);
  }
  const start = (number - 1) * plan.partSize;
  return { start, end: Math.min(start + plan.partSize, plan.size) };
}

/** Size in bytes of part `number`. */
export function partSize(plan: Plan, number: number): number {
  const range = partRange(plan, number);
  return range.end - range.start;
}
