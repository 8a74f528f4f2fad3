import { appendFileSync, closeSync, fstatSync, openSync, writeSync } from "node:fs";
import { readFile, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { PartRecord } from "./records.js";

/**
 * Where a session's small parts go: their bytes one after another in `pack`, then one line of facts in
 * `pack.log`. Creating ten thousand files would take most of the time of a ten thousand part upload.
 * A line counts only with its line end, and it is written after the bytes: a kill in between leaves bytes that
 * nobody refers to.
 */
const PACK = "pack";
const LOG = "pack.log";

/** Appends a part's bytes and facts. Synchronous, so parts never mix. */
export function appendToPack(
  folder: string,
  bytes: Buffer,
  facts: Omit<PartRecord, "file" | "offset">,
): PartRecord {
  const file = openSync(join(folder, PACK), "a");
  try {
    const offset = fstatSync(file).size;
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    const part = { ...facts, file: PACK, offset };
    appendFileSync(join(folder, LOG), `${JSON.stringify(part)}\n`);
    return part;
  } finally {
    closeSync(file);
  }
}

/** The parts in a session's pack, in order of arrival; cuts off a line that was being written at a kill. */
export async function readPack(folder: string): Promise<PartRecord[]> {
  const text = await readFile(join(folder, LOG), "utf8").catch(() => "");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length < text.length) await truncate(join(folder, LOG), Buffer.byteLength(whole));
  return whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as PartRecord);
}
