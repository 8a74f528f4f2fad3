import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

const path = fileURLToPath(new URL("../../../../../docs/reliability.md", import.meta.url));

/** How the generated parts of the page are made anew. */
const again = "PARTWISE_WRITE_DOCS=1 npx vitest run packages/core/test/proof";

/** Compares a generated part of docs/reliability.md with what the tests found now, or writes it when told to. */
export function expectOnPage(section: string, found: string): void {
  if (process.env.PARTWISE_WRITE_DOCS) writeOnPage(section, found);
  const { content } = cut(section);
  expect(content, `docs/reliability.md no longer tells what the tests find. Write it anew: ${again}`).toBe(
    `\n${found}\n`,
  );
}

/** Puts text between the markers of a part. */
export function writeOnPage(section: string, text: string): void {
  const { before, after } = cut(section);
  writeFileSync(path, `${before}\n${text}\n${after}`);
}

function cut(section: string): { readonly before: string; readonly content: string; readonly after: string } {
  const page = readFileSync(path, "utf8");
  const [begin, end] = [`<!-- begin ${section} -->`, `<!-- end ${section} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/reliability.md has no part ${begin} … ${end}`);
  const start = from + begin.length;
  return { before: page.slice(0, start), content: page.slice(start, to), after: page.slice(to) };
}

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
