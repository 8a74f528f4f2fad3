import { displayWidth } from "./format.js";

/** Letters of an id that people get to see; commands take them for the whole. */
export const shortId = 10;

/** Lines, each with its line end, whose columns stand below one another. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => displayWidth(cells[column] ?? ""))),
  );
  const pad = (cell: string, column: number) => cell + " ".repeat((widths[column] ?? 0) - displayWidth(cell));
  return rows.map((cells) => `${cells.map(pad).join("  ").trimEnd()}\n`);
}
