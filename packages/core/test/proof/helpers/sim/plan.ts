import { seededRandom } from "@partwise/testkit";

/** What one history is made of: drawn from its seed alone, so that the seed is the history. */
export interface SimPlan {
  readonly seed: number;
  readonly kind: "solo" | "rivals" | "crew";
  readonly parts: number;
  readonly runners: number;
  readonly hands: number;
  /** Milliseconds of faults; afterwards nothing goes wrong any more. */
  readonly storm: number;
  readonly verify: "checksum" | "fingerprint";
  /** Probability of each fault for every request. */
  readonly remote: Readonly<Record<RemoteFault, number>>;
  /** Probability of each fault for every step of the journal. */
  readonly store: Readonly<Record<"refuse" | "lose" | "loseLease" | "delay", number>>;
  /** Probability that a life ends by death. */
  readonly death: number;
  /** How often each of these happens in the storm. */
  readonly acts: Readonly<Record<Act, number>>;
  /** Rivals send other bytes. */
  readonly otherBytes: boolean;
  /** Milliseconds between the remote's clock and the machine's. */
  readonly skew: number;
}

export type RemoteFault =
  | "unavailable"
  | "throttle"
  | "credentials"
  | "skewed"
  | "lose"
  | "landLate"
  | "corrupt"
  | "reset"
  | "stall";

export type Act = "write" | "resize" | "touch" | "vanish" | "forget" | "outage" | "freeze" | "pause";

export function planOf(seed: number): SimPlan {
  const random = seededRandom(seed);
  const maybe = (probability: number, most: number) =>
    random.chance(probability) ? random.next() * most : 0;
  const times = (probability: number, most: number) =>
    random.chance(probability) ? 1 + random.below(most) : 0;
  const kind = random.pick(["solo", "solo", "rivals", "crew"] as const);
  const crew = kind === "crew";
  return {
    seed,
    kind,
    parts: 2 + random.below(8),
    runners: crew ? 2 + random.below(3) : kind === "rivals" ? 2 : 1,
    hands: 1 + random.below(3),
    storm: 5_000 + random.below(90_000),
    verify: random.pick(["checksum", "fingerprint"] as const),
    remote: {
      unavailable: maybe(0.4, 0.1),
      throttle: maybe(0.3, 0.1),
      credentials: maybe(0.3, 0.1),
      skewed: maybe(0.2, 0.05),
      lose: maybe(0.5, 0.15),
      landLate: maybe(0.4, 0.1),
      corrupt: maybe(0.3, 0.1),
      reset: maybe(0.4, 0.1),
      stall: maybe(0.4, 0.08),
    },
    store: {
      refuse: maybe(0.3, 0.1),
      lose: maybe(0.3, 0.1),
      loseLease: maybe(0.2, 0.03),
      delay: maybe(0.3, 0.3),
    },
    death: maybe(0.6, 0.9),
    acts: {
      write: crew ? 0 : times(0.2, 2),
      resize: crew ? 0 : times(0.15, 2),
      touch: times(0.2, 2),
      vanish: times(0.2, 2),
      forget: times(0.15, 2),
      outage: times(0.25, 2),
      freeze: times(0.3, 3),
      pause: times(0.2, 2),
    },
    otherBytes: kind === "rivals" && random.chance(0.5),
    skew: random.chance(0.3) ? random.below(600_000) - 300_000 : 0,
  };
}
