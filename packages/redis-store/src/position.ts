import { createHash } from "node:crypto";
import type { Position } from "@partwise/core/contract";

/** A place in the list of entries. */
export interface Place {
  /** Which entries as a whole. */
  readonly generation: string;
  /** Records before this place. */
  readonly index: number;
  /** Of the last record before it: after a failover the list may be the same one with another ending. */
  readonly print: string;
}

export const start: Place = { generation: "", index: 0, print: "" };

export function encodePlace({ generation, index, print }: Place): Position {
  return `${generation}:${index}:${print}`;
}

/** `undefined` for what `read` did not make. */
export function decodePlace(position: Position): Place | undefined {
  const found = /^(\w*):(\d{1,9}):([\w-]*)$/.exec(position);
  if (!found) return undefined;
  const [, generation = "", index = "", print = ""] = found;
  return { generation, index: Number(index), print };
}

export function printOf(record: string): string {
  return createHash("sha256").update(record).digest("base64url").slice(0, 12);
}
