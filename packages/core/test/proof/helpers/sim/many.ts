import { type SimReport, simulate } from "./simulate.js";

/** What many histories came to. */
export interface SimFigures {
  histories: number;
  lives: number;
  deaths: number;
  faults: number;
  readonly kinds: Map<string, number>;
}

export function noFigures(): SimFigures {
  return { histories: 0, lives: 0, deaths: 0, faults: 0, kinds: new Map() };
}

/** The seed asked for by `PARTWISE_SEED`, alone; else the given ones. */
export function seedsFrom(first: number, count: number): number[] {
  const asked = process.env.PARTWISE_SEED;
  return asked ? [Number(asked)] : Array.from({ length: count }, (_, index) => first + index);
}

/** Plays the histories of some seeds; throws at the first that breaks a rule, with the command that replays it. */
export async function playAll(
  seeds: readonly number[],
  figures: SimFigures = noFigures(),
): Promise<SimFigures> {
  for (const seed of seeds) {
    const report = await simulate(seed);
    if (process.env.PARTWISE_SEED)
      process.stderr.write(`${JSON.stringify(report.plan)}\n${report.log.join("\n")}\n`);
    if (report.broken.length > 0) throw new Error(complaint(report));
    figures.histories++;
    figures.lives += report.lives;
    figures.deaths += report.deaths;
    for (const [kind, times] of report.tally) {
      figures.faults += times;
      figures.kinds.set(kind, (figures.kinds.get(kind) ?? 0) + times);
    }
  }
  return figures;
}

function complaint({ plan, broken }: SimReport): string {
  const rules = broken.slice(0, 3).map((each) => each.slice(0, 300));
  return `history ${plan.seed} (${plan.kind}): ${rules.join("; ")}
Replay it: PARTWISE_SEED=${plan.seed} npx vitest run packages/core/test/proof/simulation.test.ts`;
}
