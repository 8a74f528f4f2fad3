import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { memoryStore } from "@partwise/core";
import * as contract from "@partwise/core/contract";
import { errorTable } from "@partwise/core/contract";
import { modelTransport } from "@partwise/testkit";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { readOrder, readSettings } from "../packages/core/src/order.js";
import { failureOf } from "../packages/partwise/src/failure.js";

const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

/** Every page of the repository, by its path. */
function pagesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((each) => {
    const path = join(folder, each.name);
    if (each.isDirectory()) return /^(\.|node_modules$|dist$)/.test(each.name) ? [] : pagesIn(path);
    return each.name.endsWith(".md") ? [path] : [];
  });
}
const pages = pagesIn("");

/** Rows of all tables of a page: the cells of each. */
function rowsOf(page: string): string[][] {
  const lines = read(page)
    .split("\n")
    .filter((line) => /^\|.*\|$/.test(line));
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
}

/** What stands in code marks. */
const marked = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");

/** Anchors that a page's headings make. */
function anchorsOf(page: string): string[] {
  const headings = [...read(page).matchAll(/^#+ (.*)$/gm)].map((match) => match[1] ?? "");
  const plain = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "");
  return headings.map((text) => plain(text).replaceAll(" ", "-"));
}

test.each(pages)("links of %s lead somewhere", (page) => {
  const text = read(page).replace(/^```[\s\S]*?^```/gm, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
  for (const link of links.filter((each) => !/^[a-z]+:/.test(each))) {
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? page : relative(root, join(root, dirname(page), path));
    expect(existsSync(join(root, target)), `${page} links to ${link}`).toBe(true);
    if (anchor) expect(anchorsOf(target), `${page} links to ${link}`).toContain(anchor);
  }
});

test("tests that a page names by title are there", () => {
  const named = [...read("docs/design.md").matchAll(/\]\(([^)]+\.test\.ts)\) "([^"]+)"/g)];
  expect(named.length).toBeGreaterThan(10);
  for (const [, path = "", title] of named) expect(read(join("docs", path)), path).toContain(`"${title}"`);
});

test("commands that README, CONTRIBUTING and AGENTS name are scripts", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const text = ["README.md", "CONTRIBUTING.md", "AGENTS.md", "examples/README.md"].map(read).join("\n");
  const named = [...text.matchAll(/npm (?:run )?([a-z:]+)/g)].map((match) => match[1] ?? "");
  for (const name of named.filter((each) => each !== "alone")) expect(Object.keys(scripts)).toContain(name);
});

test("docs/errors.md has every code, once, in its group, with its exit status", () => {
  const groups = ["caller", "holder", "memory", "remote-final", "remote-passing"];
  const sections = read("docs/errors.md").split(/^## /m).slice(1, 6);
  const told = sections.flatMap((section, index) =>
    [...section.matchAll(/^\| `([a-z-]+)` .*\| (\d) \|$/gm)].map(([, code, status]) => [
      code,
      groups[index],
      Number(status),
    ]),
  );
  const meant = Object.entries(errorTable).map(([code, { group }]) => {
    const error = new contract.TransferError(code as contract.TransferErrorCode, "x");
    return [code, group, failureOf(error, []).exitCode];
  });
  expect(told).toEqual(meant);
});

/** Members of a type, by TypeScript's own reading of the file. */
function membersOf(path: string, name: string): { readonly required: string[]; readonly all: string[] } {
  const file = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest);
  const found = file.statements.find((each) => ts.isInterfaceDeclaration(each) && each.name.text === name);
  const members = (found as ts.InterfaceDeclaration).members.map((member) => ({
    name: (member.name as ts.Identifier).text,
    required: member.questionToken === undefined,
  }));
  return {
    all: members.map((each) => each.name),
    required: members.filter((each) => each.required).map((each) => each.name),
  };
}

test("docs/events.md has every event with its fields, and every field of progress and result", () => {
  const source = ts.createSourceFile(
    "events.ts",
    read("packages/core/src/events.ts"),
    ts.ScriptTarget.Latest,
  );
  const events = new Map<string, string[]>();
  const visit = (node: ts.Node): void => {
    if (ts.isTypeLiteralNode(node)) {
      const members = node.members.filter(ts.isPropertySignature);
      const names = members.map((member) => (member.name as ts.Identifier).text);
      const type = members[names.indexOf("type")]?.type;
      if (type && ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal))
        events.set(
          type.literal.text,
          names.filter((name) => name !== "type"),
        );
    }
    node.forEachChild(visit);
  };
  visit(source);
  expect(events.size).toBeGreaterThan(15);
  const rows = rowsOf("docs/events.md");
  const told = rows.filter(([name = ""]) => /^`[a-z]+\.[a-z]+`$/.test(name));
  expect(told.map(([name = ""]) => marked(name)[0]).sort()).toEqual([...events.keys()].sort());
  for (const [name = "", , fields = ""] of told) {
    for (const field of events.get(marked(name)[0] ?? "") ?? [])
      expect(marked(fields), name).toContain(field);
  }
  const progress = membersOf("packages/core/src/events.ts", "Progress").all;
  const names = rows.map(([name = ""]) => marked(name)[0]);
  for (const field of progress) expect(names).toContain(field);
  const page = read("docs/events.md");
  for (const field of membersOf("packages/core/src/events.ts", "UploadResult").all)
    expect(page).toContain(`\`${field}\``);
});

describe("docs/options.md", () => {
  const rows = rowsOf("docs/options.md").filter((row) => row.length === 4);
  const request = { key: "k", source: new Uint8Array() };
  const needs = { transport: modelTransport(), store: memoryStore() };
  const named = (names: readonly string[]) =>
    rows.filter(([name = ""]) => names.includes(marked(name)[0] ?? ""));
  const upload = membersOf("packages/core/src/options.ts", "UploadRequest");
  const shared = membersOf("packages/core/src/options.ts", "TransfersOptions");

  test("has every option of both calls, and says which are required", () => {
    const options = rows.filter(([name]) => name !== "option" && !/^-+$/.test(name ?? ""));
    expect(options.map(([name = ""]) => marked(name)[0])).toEqual(
      [...shared.all, ...upload.all].sort(bySection),
    );
    const required = options
      .filter(([, fallback]) => fallback === "required")
      .map(([name = ""]) => marked(name)[0]);
    expect(required.sort()).toEqual([...shared.required, ...upload.required].sort());
  });

  /** The page's own order inside a call; only the two calls must not be mixed. */
  function bySection(a: string, b: string): number {
    const order = rows.map(([name = ""]) => marked(name)[0]);
    return order.indexOf(a) - order.indexOf(b);
  }

  test("tells the defaults that the code has", () => {
    const defaults: Record<string, unknown> = { ...readSettings(needs), ...readOrder(request) };
    for (const [name = "", fallback = ""] of named([...shared.all, ...upload.all])) {
      const option = marked(name)[0] ?? "";
      const told = marked(fallback)[0]?.replaceAll("_", "");
      if (told === undefined || option === "key") {
        expect(option === "key" ? undefined : defaults[option], option).toBeUndefined();
      } else if (option in defaults) {
        expect(JSON.parse(told), option).toEqual(defaults[option]);
      }
    }
  });

  test("tells the ranges that the code has", () => {
    let checked = 0;
    for (const [name = "", , range = ""] of named([...shared.all, ...upload.all])) {
      const option = marked(name)[0] ?? "";
      const bounds = marked(range).map((each) => Number(each.replaceAll("_", "")));
      const isOfOrder = upload.all.includes(option);
      const take = (value: number) => () =>
        isOfOrder ? readOrder({ ...request, [option]: value }) : readSettings({ ...needs, [option]: value });
      const [least, most] = bounds;
      if (least === undefined || Number.isNaN(least)) continue;
      checked++;
      expect(take(least), option).not.toThrow();
      expect(take(least - 1), option).toThrow(option);
      if (most === undefined) continue;
      expect(take(most), option).not.toThrow();
      expect(take(most + 1), option).toThrow(option);
    }
    expect(checked).toBe(9);
  });

  test("names every option of an object", () => {
    const page = read("docs/options.md");
    const { all } = membersOf("packages/core/src/contracts/transport.ts", "ObjectOptions");
    for (const option of all) expect(page).toContain(`\`${option}\``);
  });
});

/** Names in every object literal of a file, with those of what it spreads. */
function literalsOf(path: string): ReadonlyMap<ts.Node, readonly string[]> {
  const file = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true);
  const literals = new Map<ts.Node, readonly string[]>();
  const constants = new Map<string, ts.Expression>();
  const namesOf = (node: ts.ObjectLiteralExpression): string[] =>
    node.properties.flatMap((each) => {
      if (!ts.isSpreadAssignment(each)) return [each.name.getText()];
      const spread = constants.get(each.expression.getText());
      return spread && ts.isObjectLiteralExpression(spread) ? namesOf(spread) : [];
    });
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.initializer)
      constants.set(node.name.getText(), node.initializer);
    if (ts.isObjectLiteralExpression(node)) literals.set(node, namesOf(node));
    node.forEachChild(visit);
  };
  visit(file);
  return literals;
}

test("docs/journal-format.md has every entry with its fields", () => {
  const entries = [...literalsOf("packages/core/src/model/entry.ts")].flatMap(([node, names]) => {
    const type = /^\{\s*type: z\.literal\("([a-z]+)"\)/.exec(node.getText())?.[1];
    return type === undefined ? [] : [{ type, fields: names.slice(1) }];
  });
  expect(entries.length).toBeGreaterThan(5);
  const rows = rowsOf("docs/journal-format.md").filter(([name = ""]) => /^`[a-z]+`$/.test(name));
  const told = rows.map(([name = "", text = ""]) => ({
    type: name.slice(1, -1),
    fields: marked(text).map((field) => field.replace("?", "")),
  }));
  expect(told.map(({ type }) => type)).toEqual(expect.arrayContaining(entries.map(({ type }) => type)));
  for (const { type, fields } of entries) {
    expect(told.find((each) => each.type === type)?.fields, type).toEqual(expect.arrayContaining(fields));
  }
  const version = /entryVersion = (\d+)/.exec(read("packages/core/src/model/entry.ts"))?.[1];
  expect(read("docs/journal-format.md")).toContain(`This is version ${version}.`);
});
