import type { Clock } from "../contracts/clock.js";
import type { Body, ReadOptions } from "../contracts/source.js";
import type { CallOptions, Transport } from "../contracts/transport.js";
import { TransferError } from "../errors.js";
import { wrap } from "./wrap.js";

/** Limits of silence, in milliseconds. */
export interface WatchdogLimits {
  /** No byte taken by the network, or none given by the remote. */
  readonly stallAfter: number;
  /** No answer after the last byte was handed over. */
  readonly answerAfter: number;
  /** No answer to completing, which takes the remote longer the more parts there are. */
  readonly completeAfter: number;
}

/**
 * The most a kernel and the boxes on the way may swallow before they send it on: after the last byte was handed over
 * this much can still be under way (measured: up to 4 MB for a new connection).
 */
const swallowed = 4 * 1024 * 1024;

/**
 * Ends an attempt when nothing moves: not a limit on how long it may take, but on how long it may be silent. A source
 * that is slow to read is not the network's fault and is waited for.
 */
export function watchdog(clock: Clock, limits: WatchdogLimits): (inner: Transport) => Transport {
  const guard = <R extends { readonly body: Body }, A>(
    what: string,
    request: R,
    call: CallOptions,
    run: (request: R, call: CallOptions) => Promise<A>,
  ): Promise<A> => {
    const watch = new Watch(clock, limits);
    return watch.run(what, call.signal, (signal) =>
      run({ ...request, body: watch.meter(request.body) }, { signal }),
    );
  };
  const wait = <A>(
    what: string,
    call: CallOptions,
    run: (call: CallOptions) => Promise<A>,
    limit = limits.answerAfter,
  ) => new Watch(clock, { ...limits, stallAfter: limit }).run(what, call.signal, (signal) => run({ signal }));

  return (inner) =>
    wrap(inner, {
      putObject: (request, call) => guard("the object", request, call, inner.putObject.bind(inner)),
      putPart: (request, call) => guard(`part ${request.number}`, request, call, inner.putPart.bind(inner)),
      openSession: (request, call) =>
        wait("opening a session", call, (own) => inner.openSession(request, own)),
      completeSession: (request, call) =>
        wait("completing", call, (own) => inner.completeSession(request, own), limits.completeAfter),
      abortSession: (request, call) =>
        wait("aborting a session", call, (own) => inner.abortSession(request, own)),
      findObject: (request, call) =>
        wait("looking at the object", call, (own) => inner.findObject(request, own)),
      copyPart: (request, call) =>
        wait(
          `copying part ${request.number}`,
          call,
          (own) => inner.copyPart(request, own),
          limits.completeAfter,
        ),
      listParts: (request, call) =>
        pages(clock, limits, "listing parts", call, (own) => inner.listParts(request, own)),
      listSessions: (request, call) =>
        pages(clock, limits, "listing sessions", call, (own) => inner.listSessions(request, own)),
    });
}

async function* pages<P>(
  clock: Clock,
  limits: WatchdogLimits,
  what: string,
  call: CallOptions,
  list: (call: CallOptions) => AsyncIterable<P>,
): AsyncIterable<P> {
  const ended = new AbortController();
  const signal = AbortSignal.any([call.signal, ended.signal]);
  const iterator = list({ signal })[Symbol.asyncIterator]();
  try {
    for (;;) {
      const watch = new Watch(clock, { ...limits, stallAfter: limits.answerAfter });
      const page = await watch.run(
        what,
        signal,
        () => iterator.next(),
        (error) => ended.abort(error),
      );
      if (page.done) return;
      yield page.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** A reason of our own: without one, each abort would make an exception with a stack. */
const over = new Error("over");

/** One guarded call. */
class Watch {
  readonly #clock: Clock;
  readonly #limits: WatchdogLimits;
  readonly #began: number;
  #moved: number;
  #bytes = 0;
  #phase: "waiting" | "reading" | "answer" = "waiting";

  constructor(clock: Clock, limits: WatchdogLimits) {
    this.#clock = clock;
    this.#limits = limits;
    this.#began = this.#moved = clock.now();
  }

  async run<A>(
    what: string,
    outer: AbortSignal,
    call: (signal: AbortSignal) => Promise<A>,
    onStall?: (error: TransferError) => void,
  ): Promise<A> {
    const stop = new AbortController();
    const done = new AbortController();
    // By hand: `AbortSignal.any` costs more than all the rest of a watch.
    const forward = () => stop.abort(outer.reason);
    if (outer.aborted) forward();
    else outer.addEventListener("abort", forward, { once: true });
    const watching = this.#watch(what, done.signal, (error) => {
      stop.abort(error);
      onStall?.(error);
    });
    try {
      return await call(stop.signal);
    } catch (error) {
      // An adapter may wrap the reason in its own words; the stall is the cause either way.
      throw stop.signal.aborted && !outer.aborted ? stop.signal.reason : error;
    } finally {
      outer.removeEventListener("abort", forward);
      done.abort(over);
      await watching;
    }
  }

  meter(body: Body): Body {
    const open = (options?: ReadOptions) => ({
      [Symbol.asyncIterator]: () => this.#metered(body, options),
    });
    return {
      size: body.size,
      open,
      checksum: (kind) => body.checksum(kind),
      ...(body.blob && { blob: () => body.blob!() }),
    };
  }

  #metered(body: Body, options?: ReadOptions): AsyncIterator<Uint8Array> {
    let inner: AsyncIterator<Uint8Array> | undefined;
    const passed = (step: IteratorResult<Uint8Array>) => {
      if (!step.done) this.#bytes += step.value.byteLength;
      this.#enter(step.done ? "answer" : "waiting");
      return step;
    };
    return {
      next: () => {
        this.#enter("reading");
        inner ??= body.open(options)[Symbol.asyncIterator]();
        return inner.next().then(passed);
      },
      return: async () => (await inner?.return?.()) ?? { done: true, value: undefined },
    };
  }

  #enter(phase: "waiting" | "reading" | "answer"): void {
    this.#phase = phase;
    this.#moved = this.#clock.now();
  }

  async #watch(what: string, done: AbortSignal, stall: (error: TransferError) => void): Promise<void> {
    while (!done.aborted) {
      const limit = this.#limit();
      const left = this.#moved + limit - this.#clock.now();
      if (left <= 0 && this.#phase !== "reading") {
        stall(this.#stalled(what, limit));
        return;
      }
      await this.#clock.sleep(Math.max(left, limit / 4), done).catch(() => undefined);
    }
  }

  #limit(): number {
    if (this.#phase !== "answer") return this.#limits.stallAfter;
    const perByte = (this.#moved - this.#began) / Math.max(this.#bytes, 1);
    return this.#limits.answerAfter + 4 * perByte * Math.min(this.#bytes, swallowed);
  }

  #stalled(what: string, limit: number): TransferError {
    const seconds = Math.round(limit / 1000);
    const how = this.#phase === "answer" ? "no answer came" : "nothing moved";
    return new TransferError("stalled", `${capital(what)}: ${how} for ${seconds} s. It is tried again.`, {
      outcome: "unknown",
    });
  }
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
