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
  const name = directoryName(id);
  const shard = join(root, name.slice(0, 2));
  return { root, shard, directory: join(shard, name), id };
}

export const idPattern = /^[A-Za-z0-9_-]{1,128}$/;
export const journalPattern = /^journal-[0-9a-f]{16}$/;

/** What tells a journal's file from all others, in its name, its positions and its tokens. */
export function logOfName(name: string): string {
  return name.slice("journal-".length);
}

export const leasePrefix = "lease-";
/** Directories still being made, or left behind while being made. */
export const newPrefix = ".new-";

export function leasePath(place: Place, token: string): string {
  return join(place.directory, `${leasePrefix}${token}`);
}

/**
 * An id as a name for file systems that do not tell upper from lower case: in lower case and, if it had capitals, a
 * dot and a hexadecimal number whose bits (the lowest for the first character) say where.
 */
export function directoryName(id: string): string {
  const small = id.toLowerCase();
  if (small === id) return id;
  let capitals = 0n;
  for (let i = 0; i < id.length; i++) if (id[i] !== small[i]) capitals |= 1n << BigInt(i);
  return `${small}.${capitals.toString(16)}`;
}

/** The id that a directory is named for, if it is. */
export function idOf(name: string): string | undefined {
  const [small = "", mask, ...more] = name.split(".");
  if (!idPattern.test(small) || more.length > 0) return undefined;
  if (mask === undefined) return directoryName(small) === name ? small : undefined;
  if (!/^[0-9a-f]{1,32}$/.test(mask)) return undefined;
  const capitals = BigInt(`0x${mask}`);
  const id = [...small].map((c, i) => ((capitals >> BigInt(i)) & 1n ? c.toUpperCase() : c)).join("");
  return directoryName(id) === name ? id : undefined;
}
