import { defaultPartSize } from "./plan.js";

/** What this process has seen of the way to a remote; `undefined` until known. */
export interface Link {
  /** Milliseconds of the quickest short request, connecting included where it had to. */
  readonly roundTrip: number | undefined;
  /** Bytes per second of one connection among those that proved good. */
  readonly perConnection: number | undefined;
  /** Share of attempts that failed lately, 0 to 1. */
  readonly failing: number;
}

const MiB = 1024 * 1024;
const grain = 64 * 1024;
/** A short request that takes so many milliseconds, connecting included, goes far. */
const far = 100;
const smallest = MiB;
const largest = 64 * MiB;
/** Far away a file is cut into so many parts: enough to learn from, and to keep many connections busy to the end. */
const parts = 512;
/** Seconds that one part may take. */
const longest = 3;

/** Whether requests take so long that connections must be many from the start. */
export function isFar({ roundTrip }: Link): boolean {
  return roundTrip !== undefined && roundTrip >= far;
}

/**
 * Part size for a new transfer, from its size and what is known of the link: 10 MiB where nothing is known or the
 * remote is near, more for large files once a connection has shown its speed, down to 1 MiB far away; smaller while
 * attempts fail.
 */
export function usualPartSize(size: number, link: Link): number {
  const { perConnection, failing } = link;
  const share = size / parts;
  const pace = perConnection === undefined ? undefined : perConnection * longest;
  const away = isFar(link) ? Math.min(share, pace ?? defaultPartSize) : undefined;
  const wanted = away ?? Math.max(defaultPartSize, Math.min(share, pace ?? 0));
  const risk = failing > 0.1 ? 4 : failing > 0.02 ? 2 : 1;
  const bounded = Math.min(largest, Math.max(smallest, wanted / risk));
  return Math.floor(bounded / grain) * grain;
}
