import { ifExists } from "../errors.js";
import type { FileSystem } from "../file-system/file-system.js";
import type { TakenLease } from "../log/log-fold.js";
import { leasePath, type Place } from "../log/place.js";
import type { Processes } from "./processes.js";

/** What judging a lease needs. */
export interface Court {
  readonly fs: FileSystem;
  readonly processes: Processes;
  now(): number;
}

/**
 * Milliseconds a lease still lasts; `undefined` when it is free. It lives as long as its file was touched within the
 * time to live and its process is not certainly gone. A time further ahead than any holder could have set it (a
 * damaged file, a clock set back) does not count: a lease is lost rather than stuck, and the loser's records are void.
 */
export async function timeLeft(court: Court, place: Place, lease: TakenLease): Promise<number | undefined> {
  // The clock before the file: a renewal that we do not see was not done in time.
  const now = court.now();
  const facts = await ifExists(court.fs.facts(leasePath(place, lease.token)));
  if (facts === undefined) return undefined;
  const left = facts.modifiedAt + lease.ttl - now;
  if (left <= 0 || left > 2 * lease.ttl) return undefined;
  if (lease.process !== undefined && court.processes.isGone(lease.process)) return undefined;
  return Math.min(left, lease.ttl);
}
