import { TransferError } from "@partwise/core/contract";
import type { TransportCall, TransportVerb } from "../around/transport.js";
import type { SeededRandom } from "../clock/random.js";
import type { PickTransportFault, TransportFault } from "./transport.js";

/** Refusals of a remote that pass by themselves, or with a refresh. */
export const passingErrors = {
  unavailable: () => new TransferError("unavailable", "The remote cannot, just now. Try again."),
  throttled: (retryAfter = 2_000) =>
    new TransferError("rate-limited", "Requests come too fast. Wait, and try again.", {
      details: { status: 503, retryAfter },
    }),
  timedOut: () =>
    new TransferError("timed-out", "No answer came in time. Try again.", { outcome: "unknown" }),
  credentialsExpired: () =>
    new TransferError("credentials-expired", "The credentials have expired. Refresh them.", {
      details: { status: 403, providerCode: "SecurityTokenExpired" },
    }),
  clockSkewed: () =>
    new TransferError("clock-skewed", "This machine's clock is wrong. Set it.", {
      details: { status: 403, providerCode: "RequestTimeTooSkewed" },
    }),
} as const;

/** Faults that happen once each, in the order in which they were asked for. */
export interface FaultScript {
  /** To be given to `faultyTransport`. */
  readonly pick: PickTransportFault;
  /** The next request that `where` accepts (a verb, or a test) fails so. */
  next(where: TransportVerb | ((call: TransportCall) => boolean), fault: TransportFault): void;
  /** Faults that have not happened yet. */
  readonly left: number;
}

/** Makes an empty {@link FaultScript}. */
export function faultScript(): FaultScript {
  const waiting: { readonly accepts: (call: TransportCall) => boolean; readonly fault: TransportFault }[] =
    [];
  return {
    pick(call) {
      const index = waiting.findIndex(({ accepts }) => accepts(call));
      return index === -1 ? undefined : waiting.splice(index, 1)[0]?.fault;
    },
    next(where, fault) {
      const accepts = typeof where === "function" ? where : (call: TransportCall) => call.verb === where;
      waiting.push({ accepts, fault });
    },
    get left() {
      return waiting.length;
    },
  };
}

/** How often each kind of fault happens, as a probability for every request. Default 0. */
export interface FaultRates {
  readonly unavailable?: number;
  readonly throttle?: number;
  readonly credentialsExpired?: number;
  readonly lose?: number;
  readonly landLate?: number;
  readonly corrupt?: number;
  readonly reset?: number;
  readonly stall?: number;
  /** Latency of requests without any other fault: each way up to so many milliseconds. Default 0. */
  readonly latency?: number;
}

/** Faults by chance; the same seed gives the same ones. */
export function randomFaults(random: SeededRandom, rates: FaultRates): PickTransportFault {
  const kinds: readonly (readonly [number | undefined, (call: TransportCall) => TransportFault])[] = [
    [rates.unavailable, () => ({ kind: "refuse", error: passingErrors.unavailable() })],
    [rates.throttle, () => ({ kind: "refuse", error: passingErrors.throttled() })],
    [rates.credentialsExpired, () => ({ kind: "refuse", error: passingErrors.credentialsExpired() })],
    [rates.lose, () => ({ kind: "lose" })],
    [rates.landLate, () => ({ kind: "land-late", ms: random.below(120_000) })],
    [rates.corrupt, () => ({ kind: "corrupt" })],
    [rates.reset, ({ body }) => ({ kind: "reset", after: random.below((body?.size ?? 0) + 1) })],
    [rates.stall, () => ({ kind: "stall", at: random.pick(["before", "within", "after"] as const) })],
  ];
  return (call) => {
    let roll = random.next();
    for (const [rate = 0, make] of kinds) {
      if (roll < rate) return make(call);
      roll -= rate;
    }
    const { latency = 0 } = rates;
    if (latency === 0) return undefined;
    return { kind: "delay", before: random.below(latency + 1), after: random.below(latency + 1) };
  };
}
