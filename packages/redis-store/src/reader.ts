import { type JournalPage, type JsonValue, type Position, TransferError } from "@partwise/core/contract";
import type { JournalKeys } from "./keys.js";
import { decodePlace, encodePlace, type Place, printOf, start } from "./position.js";
import { readEntries } from "./scripts/entries.js";
import { list, type Server, text } from "./server.js";

/** Records asked for in one call. */
const pageSize = 1_000;

interface Found {
  readonly records: readonly string[];
  readonly end: Place;
}

/** Reads a journal from a position on, page by page. */
export async function readJournal(
  server: Server,
  keys: JournalKeys,
  id: string,
  from: Position | undefined,
): Promise<JournalPage> {
  const given = from === undefined ? start : decodePlace(from);
  const later = given && (await readFrom(server, keys, id, given));
  const found = later ?? (await readWhole(server, keys, id));
  const entries = found.records.map(parse).filter((entry) => entry !== undefined);
  if (entries.length === 0 && found.records.length > 0 && found.records.length === found.end.index) {
    throw new TransferError(
      "checkpoint-unreadable",
      `None of the ${found.records.length} records of journal ${id} in ${server.name} is one of Partwise.`,
      { details: { id, keptAt: keys.entries } },
    );
  }
  return { entries, position: encodePlace(found.end), fromStart: later === undefined };
}

async function readWhole(server: Server, keys: JournalKeys, id: string): Promise<Found> {
  for (;;) {
    const found = await readFrom(server, keys, id, start);
    if (found !== undefined) return found;
  }
}

/** All records after `from`, or `undefined` when that place is not there any more. */
async function readFrom(
  server: Server,
  keys: JournalKeys,
  id: string,
  from: Place,
): Promise<Found | undefined> {
  const records: string[] = [];
  let end = from;
  for (;;) {
    // One record before is read again, to see that it is still the one that was there.
    const first = Math.max(end.index - 1, 0);
    const reply = list(
      await server.run(readEntries, [keys.entries, keys.state], [String(first), String(pageSize)], id),
    );
    const generation = text(reply[0]);
    const length = Number(text(reply[1]));
    const page = list(reply[2]).map(text);
    if (end.index > 0) {
      const before = page.shift();
      if (generation !== end.generation || before === undefined || printOf(before) !== end.print)
        return undefined;
    }
    const last = page.at(-1);
    records.push(...page);
    end = {
      generation,
      index: end.index + page.length,
      print: last === undefined ? end.print : printOf(last),
    };
    if (end.index >= length) return { records, end };
  }
}

/** `undefined` for a damaged record: it is passed over. */
function parse(record: string): JsonValue | undefined {
  try {
    return JSON.parse(record) as JsonValue;
  } catch {
    return undefined;
  }
}
