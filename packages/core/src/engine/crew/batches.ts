import type { Plan } from "../../model/plan.js";

/** Aim for so many batches: enough that members seldom want the same, few enough that leases stay cheap. */
const wanted = 256;
/** A batch is what a dead member takes out of play until its lease ends. */
const largest = 32;

/** Parts of a plan in batches that members lease one by one. */
export class Batches {
  readonly #plan: Plan;
  readonly #size: number;
  readonly count: number;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#size = Math.min(largest, Math.max(1, Math.floor(plan.parts / wanted)));
    this.count = Math.ceil(plan.parts / this.#size);
  }

  /** Part numbers of batch `index`, from 0. */
  numbers(index: number): number[] {
    const first = index * this.#size + 1;
    const last = Math.min(first + this.#size - 1, this.#plan.parts);
    return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
  }

  /** The batch that part `number` is in. */
  indexOf(number: number): number {
    return Math.floor((number - 1) / this.#size);
  }
}
