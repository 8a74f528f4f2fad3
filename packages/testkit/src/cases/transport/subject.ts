import type { CallOptions, Transport, TransportAbilities } from "@partwise/core/contract";
import type { Case, Closable } from "../case.js";

/** Verbs whose answers can be lost. */
export type WritingVerb = "putObject" | "openSession" | "putPart" | "completeSession" | "abortSession";

/** Ways to make the remote fail; each acts on the next request of the subject's transports and on no other. */
export interface TransportFaults {
  /** The remote does the work, and the connection ends before its answer. */
  loseAnswer?(verb: WritingVerb): Promise<void>;
  /** The connection ends when some of the next body has been sent. */
  resetMidBody?(): Promise<void>;
  /** The remote answers that it cannot, just now (503). */
  beUnavailable?(): Promise<void>;
  /** The remote answers that requests come too fast, and asks to wait two seconds. */
  throttle?(): Promise<void>;
  /** The remote answers that the credentials have expired. */
  expireCredentials?(): Promise<void>;
  /** The remote answers that the request's time is too far from its own. */
  skewClock?(): Promise<void>;
  /** The remote answers nothing at all. */
  stall?(): Promise<void>;
}

/** A transport to be examined. Each case gets a subject of its own; they may share one bucket. */
export interface TransportSubject extends Closable {
  /** A transport to the subject's bucket; may be the same each time. The subject closes it in the end. */
  transport(): Promise<Transport>;
  /** A key that ends in this name, and that no other case and no earlier run has used. */
  key(name: string): string;
  /** Most parts, and most sessions, on one page of a listing. Default 1,000, which the paging case then must exceed. */
  readonly pageSize?: number;
  /** Texts that must never appear in an error: access key secret, session token. */
  readonly secrets?: readonly string[];
  readonly faults?: TransportFaults;
}

export type TransportCase = Case<TransportSubject>;

/** A skip reason unless the transport declares the ability. */
export function ability(name: keyof TransportAbilities) {
  return async (subject: TransportSubject) =>
    (await subject.transport()).abilities[name] ? undefined : `the transport declares no ${name}`;
}

/** A skip reason unless the subject offers the fault. */
export function fault(name: keyof TransportFaults) {
  return (subject: TransportSubject) =>
    subject.faults?.[name] === undefined ? `the subject offers no faults.${name}()` : undefined;
}

/** Call options that nobody aborts. */
export function calmly(): CallOptions {
  return { signal: new AbortController().signal };
}
