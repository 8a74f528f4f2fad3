import type { CheckpointStore, Journal } from "@partwise/core/contract";
import type { Case, Closable } from "../case.js";

/** A store to be examined. Each case gets one of its own, with nothing in it. */
export interface StoreSubject extends Closable {
  /** Another handle on the same memory, as another process would have it. The subject closes it in the end. */
  open(): Promise<CheckpointStore>;
  /**
   * Lets `ms` milliseconds pass by the store's own clock. Absent: the cases wait in real time, about a second each
   * time that a lease must expire.
   */
  pass?(ms: number): Promise<void>;
  /** The store loses its whole memory, as after a failover to an empty replica. */
  forget?(): Promise<void>;
  /** Cuts the journal's last record short, as a crash in the middle of a write does. */
  tearTail?(id: string): Promise<void>;
  /** Makes of the whole journal something that is none. */
  spoil?(id: string): Promise<void>;
  /** Entries that `setAside` put away, by the place it named. */
  readAside?(place: string): Promise<readonly unknown[]>;
  /** Cuts the store off; the returned function brings it back. */
  outage?(): Promise<() => Promise<void>>;
}

export type StoreCase = Case<StoreSubject>;

/** A skip reason unless the subject offers the hook. */
export function hook(name: "forget" | "tearTail" | "spoil" | "readAside" | "outage") {
  return (subject: StoreSubject) =>
    subject[name] === undefined ? `the subject offers no ${name}()` : undefined;
}

/** Lets time pass until a lease of `ttl` milliseconds has surely expired. */
export async function outlive(subject: StoreSubject, ttl: number): Promise<void> {
  await pass(subject, ttl + 100);
}

/** Lets time pass, really if need be. */
export async function pass(subject: StoreSubject, ms: number): Promise<void> {
  if (subject.pass !== undefined) await subject.pass(ms);
  else await new Promise((resolve) => setTimeout(resolve, ms));
}

/** A journal through a handle of its own. */
export async function journalOf(subject: StoreSubject, id = "journal"): Promise<Journal> {
  return (await subject.open()).open(id);
}

/** Shortest lease there is: for those that shall expire. */
export const brief = 1_000;

/** A lease that lasts as long as a case. */
export const long = 600_000;
