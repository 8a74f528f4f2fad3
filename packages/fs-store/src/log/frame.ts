import { crc32 } from "node:zlib";
import { type JsonValue, TransferError } from "@partwise/core/contract";
import type { ProcessMark } from "../lease/processes.js";

/** First bytes of every journal file. */
export const magic = "partwise-journal ";

/** Bytes of the longest line read; a longer one is not ours. */
export const longestLine = 64 * 1024 * 1024;

/** Version of the format, in every header. */
export const formatVersion = 1;

/** First line of a file. */
export interface HeaderRecord {
  readonly version: number;
  /** The transfer's id, so that a directory under another name is noticed. */
  readonly id: string;
  readonly at: number;
  /** Written behind content that is not ours, so that leases work until it is set aside. */
  readonly foreign?: true;
}

/** A lease was taken: only the first of its generation counts. */
export interface TakeRecord {
  readonly take: {
    readonly name: string;
    readonly token: string;
    readonly ttl: number;
    readonly holder: string;
    readonly process: ProcessMark;
  };
  readonly at: number;
}

/** What a holder says; counts only while `by` (token, space, lease name) is current. */
export interface HolderRecord {
  readonly by: string;
  readonly at: number;
  readonly entries?: readonly JsonValue[];
  readonly replace?: readonly JsonValue[];
  readonly drop?: true;
}

/** Closes the file, if nothing was written since it had this many bytes. */
export interface CloseRecord {
  readonly closeAfter: number;
  readonly at: number;
}

/** One line of a journal file. */
export type LogRecord = HeaderRecord | TakeRecord | HolderRecord | CloseRecord;

/** One line: checksum of the JSON as eight hex digits, a space, the JSON, a line feed. Headers have the magic in front. */
export function encode(record: LogRecord): string {
  const json = jsonOf(record);
  if (json.length > longestLine / 4) {
    throw new TransferError(
      "invalid-options",
      `Entries of ${json.length} characters are too long for one append.`,
    );
  }
  return `${"version" in record ? magic : ""}${checksum(json)} ${json}\n`;
}

function jsonOf(record: LogRecord): string {
  try {
    return JSON.stringify(record);
  } catch (cause) {
    throw new TransferError("invalid-options", "An entry cannot be written as JSON.", { cause });
  }
}

/** The record of a line without its line feed; `undefined` for a damaged one. */
export function decode(line: Buffer): unknown {
  const start = line[0] === 0x70 && line.toString("latin1", 0, magic.length) === magic ? magic.length : 0;
  if (line.length < start + 11 || line[start + 8] !== 0x20) return undefined;
  if (line.toString("latin1", start, start + 8) !== checksum(line.subarray(start + 9))) return undefined;
  try {
    return JSON.parse(line.toString("utf8", start + 9));
  } catch {
    return undefined;
  }
}

function checksum(json: string | Buffer): string {
  return crc32(json).toString(16).padStart(8, "0");
}

/** Whether a file that begins so can not have been begun by us, not even by a write torn by a crash. */
export function beginsForeign(head: Buffer): boolean {
  let start = 0;
  while (start < head.length && (head[start] === 0 || head[start] === 0x0a)) start++;
  const text = head.toString("latin1", start, Math.min(head.length, start + magic.length));
  return !magic.startsWith(text);
}
