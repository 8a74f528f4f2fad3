import type { TransferEvent, UploadResult } from "../events.js";

/** Starts a run that several callers may share. */
export type StartRun = (
  signal: AbortSignal,
  onEvent: (event: TransferEvent) => void,
) => Promise<UploadResult>;

/** One who waits for a run. */
export interface Caller {
  readonly signal: AbortSignal | undefined;
  readonly onEvent: ((event: TransferEvent) => void) | undefined;
}

/** Runs of one process by transfer: callers who ask for the very same share one. */
export class SharedRuns {
  /** Several of one transfer: only one holds its lease, the others are being refused or are on their way out. */
  readonly #runs = new Map<string, Set<SharedRun>>();

  /** Joins the run of transfer `id` that was asked for by the same `facts`. */
  join(id: string, facts: string, caller: Caller): Promise<UploadResult> | undefined {
    const same = [...(this.#runs.get(id) ?? [])].find((run) => run.facts === facts && run.open);
    return same?.add(caller);
  }

  /** Starts a run, once those of the same transfer that everybody left have settled. */
  start(id: string, facts: string, caller: Caller, start: StartRun): Promise<UploadResult> {
    const others = this.#runs.get(id) ?? new Set();
    const leaving = [...others].filter((run) => !run.open).map((run) => run.settled);
    const run = new SharedRun(facts, start);
    this.#runs.set(id, others.add(run));
    const forget = () => {
      others.delete(run);
      if (others.size === 0 && this.#runs.get(id) === others) this.#runs.delete(id);
    };
    const answer = run.add(caller);
    run.begin(leaving).then(forget, forget);
    return answer;
  }
}

class SharedRun {
  readonly facts: string;
  readonly #start: StartRun;
  readonly #abort = new AbortController();
  readonly #callers = new Set<Caller>();
  readonly settled: Promise<UploadResult>;
  #settle!: (run: Promise<UploadResult>) => void;

  constructor(facts: string, start: StartRun) {
    this.facts = facts;
    this.#start = start;
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** False once everybody left: who comes now needs a run of their own. */
  get open(): boolean {
    return !this.#abort.signal.aborted;
  }

  begin(leaving: readonly Promise<unknown>[]): Promise<UploadResult> {
    const start = () => this.#start(this.#abort.signal, (event) => this.#tell(event));
    this.#settle(leaving.length === 0 ? start() : Promise.allSettled(leaving).then(start));
    return this.settled;
  }

  /** The last to leave stops the run, and waits and hears until it has settled; the others just go. */
  async add(caller: Caller): Promise<UploadResult> {
    this.#callers.add(caller);
    const { signal } = caller;
    if (!signal) return this.settled;
    let leave: (() => void) | undefined;
    const left = new Promise<never>((_, reject) => {
      leave = () => {
        if (this.#callers.size === 1) {
          this.#abort.abort(signal.reason);
          return;
        }
        this.#callers.delete(caller);
        reject(signal.reason);
      };
      if (signal.aborted) leave();
      else signal.addEventListener("abort", leave, { once: true });
    });
    try {
      return await Promise.race([this.settled, left]);
    } finally {
      if (leave) signal.removeEventListener("abort", leave);
    }
  }

  #tell(event: TransferEvent): void {
    for (const caller of this.#callers) {
      try {
        caller.onEvent?.(event);
      } catch {
        // One caller's listener is no business of the others.
      }
    }
  }
}
