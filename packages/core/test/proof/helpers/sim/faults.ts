import {
  type PickStoreFault,
  type PickTransportFault,
  passingErrors,
  type SeededRandom,
  type TransportFault,
} from "@partwise/testkit";
import type { RemoteFault, SimPlan } from "./plan.js";

/** Counts what went wrong. */
export type Tally = Map<string, number>;

export function count(tally: Tally, what: string): void {
  tally.set(what, (tally.get(what) ?? 0) + 1);
}

/** Every request takes a while; in the storm some fail. */
export function remoteFaults(
  { remote }: SimPlan,
  random: SeededRandom,
  inStorm: () => boolean,
  tally: Tally,
): PickTransportFault {
  const make: Readonly<Record<RemoteFault, (size: number) => TransportFault>> = {
    unavailable: () => ({ kind: "refuse", error: passingErrors.unavailable() }),
    throttle: () => ({ kind: "refuse", error: passingErrors.throttled(random.below(5_000)) }),
    credentials: () => ({ kind: "refuse", error: passingErrors.credentialsExpired() }),
    skewed: () => ({ kind: "refuse", error: passingErrors.clockSkewed() }),
    lose: () => ({ kind: "lose" }),
    landLate: () => ({ kind: "land-late", ms: random.below(30_000) }),
    corrupt: () => ({ kind: "corrupt" }),
    reset: (size) => ({ kind: "reset", after: random.below(size + 1) }),
    stall: () => ({ kind: "stall", at: random.pick(["before", "within", "after"] as const) }),
  };
  return ({ body, verb }) => {
    let roll = random.next();
    if (inStorm()) {
      for (const [kind, rate] of Object.entries(remote) as [RemoteFault, number][]) {
        if (roll < rate && (body || kind !== "corrupt")) {
          count(tally, `remote ${kind}`);
          return make[kind](body?.size ?? 0);
        }
        roll -= rate;
      }
    }
    const most = verb === "putPart" ? 2_000 : 300;
    return { kind: "delay", before: random.below(most), after: random.below(most / 4) };
  };
}

export function storeFaults(
  { store }: SimPlan,
  random: SeededRandom,
  inStorm: () => boolean,
  isAway: () => boolean,
  tally: Tally,
): PickStoreFault {
  return ({ loseLease }) => {
    if (isAway()) return { kind: "refuse" };
    if (!inStorm()) return undefined;
    let roll = random.next();
    const hit = (rate: number) => {
      const found = roll < rate;
      roll -= rate;
      return found;
    };
    if (hit(store.refuse)) {
      count(tally, "journal refuses");
      return { kind: "refuse" };
    }
    if (hit(store.lose)) {
      count(tally, "journal answer lost");
      return { kind: "lose" };
    }
    if (loseLease && hit(store.loseLease)) {
      count(tally, "lease lost");
      return { kind: "lose-lease" };
    }
    return hit(store.delay) ? { kind: "delay", ms: random.below(400) } : undefined;
  };
}
