import type { Transport } from "../contracts/transport.js";

/** The verbs that answer with one promise. */
export type Verb =
  | "putObject"
  | "openSession"
  | "putPart"
  | "completeSession"
  | "abortSession"
  | "findObject"
  | "readRange"
  | "copyPart";

/** A transport that is `inner` but for the given members: what a layer is made with. */
export function wrap(inner: Transport, own: Partial<Transport>): Transport {
  return {
    id: inner.id,
    limits: inner.limits,
    abilities: inner.abilities,
    locate: (key) => inner.locate(key),
    prepare: (request) => inner.prepare(request),
    putObject: (request, call) => inner.putObject(request, call),
    openSession: (request, call) => inner.openSession(request, call),
    putPart: (request, call) => inner.putPart(request, call),
    listParts: (request, call) => inner.listParts(request, call),
    completeSession: (request, call) => inner.completeSession(request, call),
    abortSession: (request, call) => inner.abortSession(request, call),
    findObject: (request, call) => inner.findObject(request, call),
    readRange: (request, call) => inner.readRange(request, call),
    copyPart: (request, call) => inner.copyPart(request, call),
    listSessions: (request, call) => inner.listSessions(request, call),
    close: () => inner.close(),
    ...own,
  };
}
