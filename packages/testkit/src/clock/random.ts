/** Chance that can be replayed. */
export interface SeededRandom {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number in [0, limit). */
  below(limit: number): number;
  /** True with the given probability, 0 to 1. */
  chance(probability: number): boolean;
  /** One of the values; at least one must be there. */
  pick<T>(values: readonly T[]): T;
  /** Another sequence, so that one consumer's draws do not move another's. */
  fork(): SeededRandom;
}

/** The same seed gives the same numbers, on every machine (xorshift128 on 32-bit words). Not for secrets. */
export function seededRandom(seed: number): SeededRandom {
  let [a, b, c, d] = [scramble(seed, 1), scramble(seed, 2), scramble(seed, 3), scramble(seed, 4)];
  const word = (): number => {
    const mixed = a ^ (a << 11);
    [a, b, c] = [b, c, d];
    d = (d ^ (d >>> 19) ^ mixed ^ (mixed >>> 8)) >>> 0;
    return d;
  };
  const random: SeededRandom = {
    next: () => word() / 2 ** 32,
    below: (limit) => Math.floor(random.next() * limit),
    chance: (probability) => random.next() < probability,
    pick: (values) => {
      if (values.length === 0) throw new RangeError("nothing to pick from");
      return values[random.below(values.length)] as (typeof values)[number];
    },
    fork: () => seededRandom(word()),
  };
  return random;
}

/** Spreads near seeds (1, 2, 3, …) far apart; never all zero for the four words of one seed. */
function scramble(seed: number, lane: number): number {
  let mixed = (Math.trunc(seed) ^ Math.imul(lane, 0x9e3779b1)) >>> 0;
  for (let round = 0; round < 3; round++) {
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b + lane * 2) >>> 0;
  }
  return (mixed ^ (mixed >>> 16)) >>> 0 || lane;
}
