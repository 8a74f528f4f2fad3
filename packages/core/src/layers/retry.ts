import type { Clock } from "../contracts/clock.js";
import type { CallOptions, PartsPage, SessionsPage, Transport } from "../contracts/transport.js";
import { isTransferError, type RemoteDetails, TransferError, type TransferErrorCode } from "../errors.js";
import type { RetryBudget } from "./retry-budget.js";
import { type Verb, wrap } from "./wrap.js";

/** What one retry is about. */
export interface Retry {
  readonly verb: Verb | "listParts" | "listSessions";
  /** Of `putPart` and `copyPart`. */
  readonly number?: number;
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  /** Milliseconds until the next. */
  readonly delay: number;
  readonly error: TransferError;
}

/** How the retry layer behaves. */
export interface RetryOptions {
  readonly clock: Clock;
  readonly budget: RetryBudget;
  /** Aborted when no new attempt may begin; attempts under way are ended by their own signal. */
  readonly stop: AbortSignal;
  /** Milliseconds of failure without progress after which the failure is final. */
  readonly giveUpAfter: number;
  /** When the transfer last got on, by the clock. */
  readonly lastProgress: () => number;
  readonly onRetry?: (retry: Retry) => void;
}

/** First and longest mean delay before a retry, in milliseconds. */
const firstDelay = 200;
const longestDelay = 20_000;

/** So often in a row an answer may name a fault that waiting does not cure before it is believed. */
const mostFree: Partial<Record<TransferErrorCode, number>> = { "credentials-expired": 3, "clock-skewed": 2 };
const mostCorrupt = 3;

/** Verbs whose effect would be doubled or hidden by trying again without looking. */
const looksFirst: ReadonlySet<string> = new Set(["completeSession"]);

/** The only place that tries again. */
export function retry(options: RetryOptions): (inner: Transport) => Transport {
  return (inner) => {
    const again = <A>(verb: Verb, call: CallOptions, run: () => Promise<A>, number?: number) =>
      persist(options, { verb, ...(number !== undefined && { number }) }, call, run);
    return wrap(inner, {
      putObject: (request, call) => {
        const verb = "putObject";
        // With ifAbsent our own lost success would come back as a refusal: the engine looks first.
        if (request.options?.ifAbsent) return once(options, verb, call, () => inner.putObject(request, call));
        return again(verb, call, () => inner.putObject(request, call));
      },
      openSession: (request, call) => again("openSession", call, () => inner.openSession(request, call)),
      putPart: (request, call) => again("putPart", call, () => inner.putPart(request, call), request.number),
      copyPart: (request, call) =>
        again("copyPart", call, () => inner.copyPart(request, call), request.number),
      completeSession: (request, call) =>
        again("completeSession", call, () => inner.completeSession(request, call)),
      abortSession: (request, call) => again("abortSession", call, () => inner.abortSession(request, call)),
      findObject: (request, call) => again("findObject", call, () => inner.findObject(request, call)),
      readRange: (request, call) => again("readRange", call, () => inner.readRange(request, call)),
      listParts: (request, call) => listParts(options, inner, request, call),
      listSessions: (request, call) => listSessions(options, inner, request, call),
    });
  };
}

async function persist<A>(
  options: RetryOptions,
  what: Pick<Retry, "verb" | "number">,
  call: CallOptions,
  run: () => Promise<A>,
): Promise<A> {
  const failures = new Failures(options, what, call);
  for (;;) {
    try {
      const answer = await run();
      options.budget.succeeded();
      return answer;
    } catch (error) {
      await failures.wait(error);
    }
  }
}

/** Like `persist`, but a failure whose outcome is unknown is the caller's to settle. */
function once<A>(options: RetryOptions, verb: Verb, call: CallOptions, run: () => Promise<A>): Promise<A> {
  return persist(options, { verb }, call, () =>
    run().catch((error: unknown) => {
      if (isTransferError(error) && error.outcome === "unknown") throw final(error, error.message);
      throw error;
    }),
  );
}

async function* listParts(
  options: RetryOptions,
  inner: Transport,
  request: Parameters<Transport["listParts"]>[0],
  call: CallOptions,
): AsyncIterable<PartsPage> {
  const failures = new Failures(options, { verb: "listParts" }, call);
  let after = request.after ?? 0;
  for (;;) {
    try {
      for await (const page of inner.listParts({ ...request, after }, call)) {
        after = page.parts.at(-1)?.number ?? after;
        yield page;
      }
      return;
    } catch (error) {
      await failures.wait(error);
    }
  }
}

async function* listSessions(
  options: RetryOptions,
  inner: Transport,
  request: Parameters<Transport["listSessions"]>[0],
  call: CallOptions,
): AsyncIterable<SessionsPage> {
  const failures = new Failures(options, { verb: "listSessions" }, call);
  const seen = new Set<string>();
  for (;;) {
    try {
      for await (const page of inner.listSessions(request, call)) {
        const sessions = page.sessions.filter((each) => !seen.has(each.id));
        for (const each of sessions) seen.add(each.id);
        yield { ...page, sessions };
      }
      return;
    } catch (error) {
      await failures.wait(error);
    }
  }
}

/** The failures of one call, and how long to wait after each. */
class Failures {
  readonly #options: RetryOptions;
  readonly #what: Pick<Retry, "verb" | "number">;
  readonly #call: CallOptions;
  #attempt = 0;
  #spent = 0;
  #firstAt: number | undefined;
  #inRow: { code: TransferErrorCode; times: number } | undefined;

  constructor(options: RetryOptions, what: Pick<Retry, "verb" | "number">, call: CallOptions) {
    this.#options = options;
    this.#what = what;
    this.#call = call;
  }

  /** Resolves when the next attempt may begin; throws when there is to be none. */
  async wait(error: unknown): Promise<void> {
    const { clock, stop } = this.#options;
    this.#call.signal.throwIfAborted();
    if (!isTransferError(error) || !error.retryable) throw error;
    if (looksFirst.has(this.#what.verb) && error.outcome === "unknown") throw error;
    stop.throwIfAborted();
    this.#attempt++;
    this.#count(error);
    const delay = this.#delay(error);
    this.#firstAt ??= clock.now();
    const stuckFor = clock.now() - Math.max(this.#firstAt, this.#options.lastProgress());
    if (stuckFor + delay > this.#options.giveUpAfter)
      throw gaveUp(error, this.#options.giveUpAfter, stuckFor);
    this.#options.onRetry?.({ ...this.#what, attempt: this.#attempt, delay, error });
    await clock.sleep(delay, AbortSignal.any([stop, this.#call.signal]));
    if (!mostFree[error.code]) await this.#options.budget.take(AbortSignal.any([stop, this.#call.signal]));
  }

  #count(error: TransferError): void {
    const times = this.#inRow?.code === error.code ? this.#inRow.times + 1 : 1;
    this.#inRow = { code: error.code, times };
    if (error.code === "part-corrupt" && times >= mostCorrupt) {
      throw final(
        error,
        `${error.message.replace(/ It is sent again\.$/, "")} It happened ${times} times in a row: something between here and the remote damages data. Nothing was completed.`,
      );
    }
  }

  #delay(error: TransferError): number {
    const free = mostFree[error.code];
    if (free && this.#inRow!.times <= free) return 0;
    if (free) throw final(error, error.message);
    const mean = Math.min(longestDelay, firstDelay * 2 ** this.#spent++);
    const asked = (error.details as RemoteDetails).retryAfter ?? 0;
    return Math.round(asked + mean * this.#options.clock.random());
  }
}

function final(error: TransferError, message: string): TransferError {
  return new TransferError(error.code, message, {
    retryable: false,
    outcome: error.outcome,
    details: error.details,
    cause: error.cause,
    ...(error.requestId !== undefined && { requestId: error.requestId }),
  });
}

function gaveUp(error: TransferError, giveUpAfter: number, stuckFor: number): TransferError {
  const { retryAfter = 0 } = error.details as RemoteDetails;
  const impatient = stuckFor + retryAfter > giveUpAfter && retryAfter > stuckFor;
  const how = impatient
    ? `Gave up: the remote asks to wait ${timeOf(retryAfter)}, longer than ${timeOf(giveUpAfter)} without progress may last.`
    : `Gave up after ${timeOf(giveUpAfter)} without progress.`;
  return final(error, `${how} ${error.message} Nothing is lost: the same again goes on.`);
}

function timeOf(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds >= 120) return `${Math.round(seconds / 60)} minutes`;
  return seconds === 1 ? "1 second" : `${seconds} seconds`;
}
