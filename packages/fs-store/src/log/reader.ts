import type { JournalPage, JsonValue, Position } from "@partwise/core/contract";
import type { OpenLog } from "./log.js";
import { LogFold } from "./log-fold.js";
import { scan } from "./scan.js";

/** Place before the first entry of a journal that does not exist. */
export const nowhere: Position = "0.0";

/**
 * Reads entries, going on cheaply where the same reader stopped. A position is the file's own name and a number of
 * bytes; what counts among the lines after it depends on all lines before, so a position of another reader costs one
 * scan of the whole file.
 */
export class Reader {
  private cursor: { readonly name: string; readonly fold: LogFold } | undefined;

  async read(log: OpenLog | undefined, from: Position): Promise<JournalPage> {
    if (log === undefined) return { entries: [], position: nowhere, fromStart: from !== nowhere };
    const after = offsetIn(log, from);
    let fromStart = from !== nowhere && after === undefined;
    const start = after ?? 0;
    const fold = this.cursorAt(log, start);
    let entries: JsonValue[] = [];
    await scan(log.file, fold, log.seen, (applied, offset) => {
      if (applied.entries === undefined || offset < start) return;
      if (applied.replaces === true) {
        entries = [];
        fromStart ||= start > 0;
      }
      for (const entry of applied.entries) entries.push(entry);
    });
    this.cursor = { name: log.name, fold };
    return { entries, position: `${log.fold.log}.${fold.consumed}`, fromStart };
  }

  private cursorAt(log: OpenLog, start: number): LogFold {
    const cursor = this.cursor;
    this.cursor = undefined;
    const fits = start > 0 && cursor?.name === log.name && cursor.fold.consumed === start;
    return fits ? cursor.fold : new LogFold(log.fold.log);
  }
}

/** The offset a position means in this file; `undefined` when it means none. */
function offsetIn(log: OpenLog, position: Position): number | undefined {
  const [from, text = ""] = position.split(".");
  if (from !== log.fold.log || !/^\d{1,15}$/.test(text)) return undefined;
  const offset = Number(text);
  return offset <= log.seen ? offset : undefined;
}
