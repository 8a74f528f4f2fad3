import { randomBytes } from "node:crypto";
import type { JsonValue } from "@partwise/core/contract";
import type { ProcessMark } from "../lease/processes.js";
import { decode, formatVersion, type LogRecord } from "./frame.js";

/** The latest holder of a lease name, as the file tells. Whether it still lives is another question. */
export interface TakenLease {
  readonly token: string;
  readonly ttl: number;
  readonly holder: string;
  readonly process: ProcessMark | undefined;
}

/** What one record did. */
export interface Applied {
  /** False for a record that came too late: its lease was taken by another, or the file was closed. */
  readonly granted: boolean;
  readonly entries?: readonly JsonValue[];
  /** True when `entries` stand in place of all before. */
  readonly replaces?: boolean;
}

const passedOver: Applied = { granted: false };
const granted: Applied = { granted: true };

/** Lease assumed for a holder whose own record is damaged. */
const unknownTtl = 60_000;

/**
 * Carries a journal file from record to record. Everyone who reads the same bytes comes to the same verdicts, and
 * the file's order is one for all: that is what makes a lease exclusive and a stale holder's record void.
 */
export class LogFold {
  readonly holders = new Map<string, TakenLease>();
  /** Bytes up to the end of the last whole line. */
  consumed = 0;
  /** Inside a line too long to be ours. */
  skipping = false;
  /** Whether any whole record was found. */
  framed = false;
  /** Begins like nothing of ours. */
  beginsForeign = false;
  /** The transfer's id as the header tells. */
  id: string | undefined;
  /** Version of a header newer than this code. */
  tooNew: number | undefined;
  /** Entries that count now. */
  entries = 0;
  /** Where the line of the last replacement begins. */
  replacedAt = -1;
  closed = false;
  /** Milliseconds since 1970 of the last record. */
  updatedAt: number | undefined;
  /** Lines passed over because they were damaged. */
  damaged = 0;
  private marked = false;

  /** @param log The file's own part of its name, which is in the tokens of its leases too. */
  constructor(readonly log: string) {}

  /** Content that is not ours stands in our place, and nobody has set it aside. */
  get unreadable(): boolean {
    return this.replacedAt < 0 && (this.marked || (!this.framed && this.beginsForeign));
  }

  /** Whether leases work although the content is not ours. */
  get repaired(): boolean {
    return this.marked;
  }

  /** Takes in one line, without its line feed. */
  line(line: Buffer, offset: number): Applied {
    if (line.length === 0) return passedOver;
    const record = decode(line);
    if (!isRecord(record)) {
      this.damaged++;
      return passedOver;
    }
    return this.record(record, offset);
  }

  /** Takes in one record, whose line begins at `offset`. */
  record(record: LogRecord, offset: number): Applied {
    if ("version" in record) return this.header(record);
    this.framed = true;
    if (this.closed) return passedOver;
    if ("take" in record) return this.take(record.take, record.at);
    if ("closeAfter" in record) {
      // A line feed comes before every write: nothing else may stand between.
      if (record.closeAfter !== offset - 1) return passedOver;
      this.close();
      return granted;
    }
    if (!this.holds(record.by)) return passedOver;
    this.updatedAt = record.at;
    if (record.drop === true) {
      this.close();
      return granted;
    }
    if (record.replace !== undefined) {
      this.entries = record.replace.length;
      this.replacedAt = offset;
      return { granted: true, entries: record.replace, replaces: true };
    }
    const entries = record.entries ?? [];
    this.entries += entries.length;
    return { granted: true, entries };
  }

  private header(record: Extract<LogRecord, { version: number }>): Applied {
    if (record.version > formatVersion) this.tooNew = record.version;
    if (record.foreign === true && !this.framed && this.beginsForeign) this.marked = true;
    this.framed = true;
    this.id ??= record.id;
    this.updatedAt ??= record.at;
    return granted;
  }

  private take(taken: Extract<LogRecord, { take: unknown }>["take"], at: number): Applied {
    const current = this.holders.get(taken.name);
    if (generationOf(taken.token) <= generationOf(current?.token)) return passedOver;
    this.holders.set(taken.name, taken);
    this.updatedAt = at;
    return granted;
  }

  private holds(by: string): boolean {
    const space = by.indexOf(" ");
    const token = by.slice(0, space);
    const name = by.slice(space + 1);
    const current = this.holders.get(name)?.token;
    if (current === token) return true;
    if (generationOf(token) <= generationOf(current) || logOf(token) !== this.log) return false;
    // The record of its taking is damaged; that it acts in this file tells that it was granted.
    this.holders.set(name, { token, ttl: unknownTtl, holder: "unknown", process: undefined });
    return true;
  }

  private close(): void {
    this.closed = true;
    this.entries = 0;
    this.holders.clear();
  }
}

/**
 * A token that was never used before: `<generation>-<file><random>`. The generations of one name count upward in one
 * file; the file is sixteen digits of its own, so that no lease of a dropped journal passes for one of the next.
 */
export function nextToken(fold: LogFold, before: string | undefined): string {
  return `${generationOf(before) + 1}-${fold.log}${randomBytes(8).toString("hex")}`;
}

function generationOf(token: string | undefined): number {
  return token === undefined ? 0 : Number.parseInt(token, 10);
}

function logOf(token: string): string {
  const start = token.indexOf("-") + 1;
  return token.slice(start, start + 16);
}

function isRecord(value: unknown): value is LogRecord {
  if (typeof value !== "object" || value === null || !isTime((value as { at?: unknown }).at)) return false;
  const record = value as Record<string, unknown>;
  if ("version" in record) return Number.isInteger(record.version) && typeof record.id === "string";
  if ("take" in record) return isTake(record.take);
  if ("closeAfter" in record) return Number.isInteger(record.closeAfter);
  if (typeof record.by !== "string" || !/^\d+-[0-9a-f]+ ./s.test(record.by)) return false;
  return record.drop === true || Array.isArray(record.replace) || Array.isArray(record.entries);
}

function isTake(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { name, token, ttl, holder, process } = value as Record<string, unknown>;
  if (typeof name !== "string" || typeof holder !== "string" || !isTime(ttl)) return false;
  if (typeof token !== "string" || !/^\d+-[0-9a-f]+$/.test(token)) return false;
  return typeof process === "object" && process !== null;
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
