import { join } from "node:path";

/** Where one journal lies. */
export interface Place {
  readonly root: string;
  /** Directories of a few thousand names stay quick everywhere. */
  readonly shard: string;
  readonly directory: string;
  readonly id: string;
}

export function placeOf(root: string, id: string): Place {
  const shard = join(root, id.slice(0, 2));
  return { root, shard, directory: join(shard, id), id };
}

export const idPattern = /^[A-Za-z0-9_-]{1,128}$/;
export const journalPattern = /^journal-[0-9a-f]{16}$/;
export const leasePrefix = "lease-";
/** Directories still being made, or left behind while being made. */
export const newPrefix = ".new-";

export function leasePath(place: Place, token: string): string {
  return join(place.directory, `${leasePrefix}${token}`);
}
