import type { Clock } from "../../contracts/clock.js";
import type { TransferErrorCode } from "../../errors.js";
import { isFar, type Link } from "../../model/part-size.js";
import { Gate } from "../gate.js";
import { Controller, type LimitReason, type PartSample } from "./controller.js";

/** Buffers of one part in flight: two chunks of 512 KiB, whatever its size. */
export const slotBytes = 1024 * 1024;

/** How a governor decides. */
export interface GovernorOptions {
  readonly clock: Clock;
  /** A fixed number is obeyed. */
  readonly concurrency: number | "auto";
  /** Bytes of buffers that may be taken at once. */
  readonly maxBufferedBytes: number;
}

/** The limit moved. */
export interface LimitChange {
  readonly limit: number;
  readonly reason: LimitReason;
  /** Bytes per second at the last limit that proved good. */
  readonly bytesPerSecond: number | undefined;
}

/** `auto` begins with so many, and never goes beyond so many. */
const autoStart = 8;
const autoMax = 64;
/** Far away one connection carries little, and learning takes long. */
const autoStartFar = 24;
/** How much one attempt counts in the share that fails. */
const oneAttempt = 1 / 64;

/** Failures that mean "less, please"; a single reset does not. */
const throttling: ReadonlySet<TransferErrorCode> = new Set(["rate-limited", "timed-out", "stalled"]);

/** Failures that smaller parts make cheaper. */
const unreliable: ReadonlySet<TransferErrorCode> = new Set([
  "unavailable",
  "timed-out",
  "stalled",
  "part-corrupt",
]);

/**
 * Limits what is in flight over all transfers that share it. A place in the gate is the reservation of one slot of
 * buffers, so bytes are never read before there is room for them.
 */
export class Governor {
  readonly gate: Gate;
  readonly #clock: Clock;
  readonly #controller: Controller | undefined;
  #roundTrip: number | undefined;
  #failing = 0;

  constructor({ clock, concurrency, maxBufferedBytes }: GovernorOptions) {
    this.#clock = clock;
    const slots = Math.max(1, Math.floor(maxBufferedBytes / slotBytes));
    if (concurrency === "auto") {
      const max = Math.min(autoMax, slots);
      this.#controller = new Controller({ start: Math.min(autoStart, max), min: 1, max });
    }
    this.gate = new Gate(this.#controller?.limit ?? Math.min(Number(concurrency), slots));
  }

  /** What was seen of the way to the remote, by all transfers that share this. */
  get link(): Link {
    const perConnection = this.#controller?.perConnection;
    return { roundTrip: this.#roundTrip, perConnection, failing: this.#failing };
  }

  /** A short request took so many milliseconds. Tells when the limit moved because of it. */
  answered(milliseconds: number): LimitChange | undefined {
    this.#roundTrip = Math.min(milliseconds, this.#roundTrip ?? Number.POSITIVE_INFINITY);
    if (isFar(this.link)) this.#controller?.beginWith(autoStartFar);
    return this.#apply();
  }

  /** A part was acknowledged. Tells when the limit moved because of it. */
  acknowledged(sample: PartSample): LimitChange | undefined {
    this.#failing -= this.#failing * oneAttempt;
    this.#controller?.acknowledged(sample);
    return this.#apply();
  }

  /** An attempt failed. */
  failed(code: TransferErrorCode): LimitChange | undefined {
    if (unreliable.has(code)) this.#failing += (1 - this.#failing) * oneAttempt;
    if (throttling.has(code)) this.#controller?.throttled(this.#clock.now());
    return this.#apply();
  }

  #apply(): LimitChange | undefined {
    const controller = this.#controller;
    if (!controller || controller.limit === this.gate.limit) return undefined;
    this.gate.setLimit(controller.limit);
    return { limit: controller.limit, reason: controller.reason, bytesPerSecond: controller.goodput };
  }
}

const shared = new Map<string, Governor>();

/**
 * One governor for all transfers of this process to one remote. Fixed numbers, and clocks other than the machine's,
 * get their own.
 */
export function sharedGovernor(remote: string, options: GovernorOptions): Governor {
  const name = `${remote} ${options.maxBufferedBytes}`;
  const governor = shared.get(name) ?? new Governor(options);
  shared.set(name, governor);
  return governor;
}
