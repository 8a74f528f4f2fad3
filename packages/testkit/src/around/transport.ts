import type { Body, CallOptions, Session, Transport } from "@partwise/core/contract";

/** Verbs of a transport that ask the remote for something. */
export type TransportVerb =
  | "putObject"
  | "openSession"
  | "putPart"
  | "listParts"
  | "completeSession"
  | "abortSession"
  | "findObject"
  | "readRange"
  | "copyPart"
  | "listSessions";

/** One request to the remote; each page of a listing is one. */
export interface TransportCall {
  readonly verb: TransportVerb;
  readonly key?: string;
  /** Id of the session. */
  readonly session?: string;
  /** Part number. */
  readonly number?: number;
  readonly body?: Body;
  readonly signal: AbortSignal;
}

/** How `run` differs from what was asked. */
export interface Changes {
  readonly body?: Body;
  readonly signal?: AbortSignal;
}

/** Stands around every request: may run it never, once, later, or with another body. */
export type AroundTransport = <T>(call: TransportCall, run: (changes?: Changes) => Promise<T>) => Promise<T>;

/** A transport all of whose requests pass through one function. */
export function aroundTransport(inner: Transport, around: AroundTransport): Transport {
  const of = ({ key, id }: Session) => ({ key, session: id });
  const within = ({ signal }: CallOptions, changes: Changes = {}) => ({ signal: changes.signal ?? signal });

  async function* pages<P>(
    call: Omit<TransportCall, "signal">,
    options: CallOptions,
    list: (options: CallOptions) => AsyncIterable<P>,
  ): AsyncGenerator<P> {
    let iterator: AsyncIterator<P> | undefined;
    try {
      for (;;) {
        const page = await around({ ...call, ...options }, (changes) => {
          iterator ??= list(within(options, changes))[Symbol.asyncIterator]();
          return iterator.next();
        });
        if (page.done === true) return;
        yield page.value;
      }
    } finally {
      // Not awaited: an iterator that hangs in a dead process answers nothing any more.
      iterator?.return?.().catch(() => {});
    }
  }

  return {
    id: inner.id,
    limits: inner.limits,
    abilities: inner.abilities,
    locate: (key) => inner.locate(key),
    prepare: (request) => inner.prepare(request),
    close: () => inner.close(),
    putObject: (request, options) =>
      around({ verb: "putObject", key: request.key, body: request.body, ...options }, (changes) =>
        inner.putObject({ ...request, ...bodyOf(changes) }, within(options, changes)),
      ),
    openSession: (request, options) =>
      around({ verb: "openSession", key: request.key, ...options }, (changes) =>
        inner.openSession(request, within(options, changes)),
      ),
    putPart(request, options) {
      const { session, number, body } = request;
      return around({ verb: "putPart", ...of(session), number, body, ...options }, (changes) =>
        inner.putPart({ ...request, ...bodyOf(changes) }, within(options, changes)),
      );
    },
    listParts: (request, options) =>
      pages({ verb: "listParts", ...of(request.session) }, options, (call) => inner.listParts(request, call)),
    completeSession: (request, options) =>
      around({ verb: "completeSession", ...of(request.session), ...options }, (changes) =>
        inner.completeSession(request, within(options, changes)),
      ),
    abortSession: (request, options) =>
      around({ verb: "abortSession", ...of(request.session), ...options }, (changes) =>
        inner.abortSession(request, within(options, changes)),
      ),
    findObject: (request, options) =>
      around({ verb: "findObject", key: request.key, ...options }, (changes) =>
        inner.findObject(request, within(options, changes)),
      ),
    readRange: (request, options) =>
      around({ verb: "readRange", key: request.key, ...options }, (changes) =>
        inner.readRange(request, within(options, changes)),
      ),
    copyPart: (request, options) =>
      around({ verb: "copyPart", ...of(request.session), number: request.number, ...options }, (changes) =>
        inner.copyPart(request, within(options, changes)),
      ),
    listSessions: (request, options) =>
      pages({ verb: "listSessions" }, options, (call) => inner.listSessions(request, call)),
  };
}

function bodyOf(changes: Changes | undefined): { readonly body?: Body } {
  return changes?.body === undefined ? {} : { body: changes.body };
}
