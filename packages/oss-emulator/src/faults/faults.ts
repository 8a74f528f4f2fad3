import type { LoggedRequest } from "../http/log.js";
import { checkRule, type Fault, type FaultMatch, type FaultRule } from "./rules.js";

/** A rule at work. */
export interface FaultHandle {
  readonly id: number;
  readonly rule: FaultRule;
  /** Requests that matched, faulted or let pass. */
  readonly matched: number;
  /** Requests that got the fault. */
  readonly fired: number;
  /** Resolves when `count` (default 1) requests have got the fault. */
  whenFired(count?: number): Promise<void>;
  remove(): void;
}

/** The rules by which requests fail. Several rules may hit one request. */
export interface Faults {
  /** @throws TypeError when the rule is malformed. */
  add(rule: FaultRule): FaultHandle;
  list(): readonly FaultHandle[];
  clear(): void;
}

class ActiveRule implements FaultHandle {
  matched = 0;
  fired = 0;
  #waiting: { count: number; resolve: () => void }[] = [];

  constructor(
    readonly id: number,
    readonly rule: FaultRule,
    readonly remove: () => void,
  ) {}

  whenFired(count = 1): Promise<void> {
    if (this.fired >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }

  /** Whether this request gets the fault; counts it. */
  hits(request: LoggedRequest): boolean {
    if (!agrees(this.rule.when, request)) return false;
    this.matched++;
    const times = this.rule.times ?? 1;
    if (this.matched <= (this.rule.after ?? 0) || (times !== "always" && this.fired >= times)) return false;
    this.fired++;
    for (const { resolve } of this.#waiting.filter(({ count }) => count <= this.fired)) resolve();
    this.#waiting = this.#waiting.filter(({ count }) => count > this.fired);
    return true;
  }
}

function agrees(when: FaultMatch | undefined, request: LoggedRequest): boolean {
  if (!when) return true;
  const { predicate, ...fields } = when;
  for (const [name, wanted] of Object.entries(fields)) {
    if (wanted !== undefined && request[name as keyof LoggedRequest] !== wanted) return false;
  }
  return predicate?.(request) ?? true;
}

export class FaultBoard implements Faults {
  #rules: ActiveRule[] = [];
  #lastId = 0;

  add(rule: FaultRule): FaultHandle {
    const id = ++this.#lastId;
    const active = new ActiveRule(id, checkRule(rule), () => {
      this.#rules = this.#rules.filter((other) => other.id !== id);
    });
    this.#rules.push(active);
    return active;
  }

  list(): readonly FaultHandle[] {
    return [...this.#rules];
  }

  clear(): void {
    this.#rules = [];
  }

  /** The faults that this request gets. */
  take(request: LoggedRequest): Fault[] {
    return this.#rules.filter((rule) => rule.hits(request)).map(({ rule }) => rule.fault);
  }
}
