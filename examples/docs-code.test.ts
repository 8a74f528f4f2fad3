import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as core from "@partwise/core";
import {
  bytesSource,
  createTransfers,
  memoryStore,
  type TransferEvent,
  type Transfers,
} from "@partwise/core";
import * as contract from "@partwise/core/contract";
import { modelTransport, runCase, storeCases, transportCases } from "@partwise/testkit";
import ts from "typescript";
import { describe, expect, test } from "vitest";

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

/** Code blocks: what stands behind the three marks, and the code. */
function blocksOf(page: string): { readonly info: string; readonly code: string }[] {
  return [...read(page).matchAll(/^```(ts.*)\n([\s\S]*?)^```/gm)].map(([, info = "", code = ""]) => ({
    info,
    code,
  }));
}

/** Runs the code of a page, its imports given. */
function runBlock(code: string, imports: Readonly<Record<string, unknown>>): Record<string, never> {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const exports = {};
  const require = (name: string) => imports[name] ?? expect.fail(`the page imports ${name}`);
  new Function("exports", "require", outputText)(exports, require);
  return exports;
}

function codeOf(page: string, info: string): string {
  const block = blocksOf(page).find((each) => each.info === `ts ${info}`);
  return block?.code ?? expect.fail(`${page} has no block "ts ${info}"`);
}

describe("code on the pages", () => {
  const blocks = pages.flatMap(blocksOf).filter(({ info }) => info !== "ts");

  test("typechecks", () => {
    const base = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile).config as {
      compilerOptions: object;
    };
    const { options } = ts.convertCompilerOptionsFromJson({ ...base.compilerOptions, types: ["node"] }, root);
    const files = new Map<string, string>();
    // Named blocks see one another by their names.
    blocks.forEach(({ info, code }, index) => {
      const name = info === "ts example" ? `example-${index}.ts` : info.slice("ts ".length);
      files.set(join(import.meta.dirname, name), `${code}\nexport {};\n`);
    });
    expect(files.size).toBe(blocks.length);
    const host = ts.createCompilerHost(options);
    const { fileExists, readFile, getSourceFile } = host;
    host.fileExists = (name) => files.has(name) || fileExists(name);
    host.readFile = (name) => files.get(name) ?? readFile(name);
    host.getSourceFile = (name, version, ...rest) => {
      const code = files.get(name);
      return code === undefined
        ? getSourceFile(name, version, ...rest)
        : ts.createSourceFile(name, code, version);
    };
    const program = ts.createProgram([...files.keys()], options, host);
    const wrong = [...files.keys()].flatMap((name) => {
      const file = program.getSourceFile(name);
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    });
    expect(
      wrong.map(
        ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
      ),
    ).toEqual([]);
  }, 60_000);

  test("of docs/write-a-store.md passes every case for stores", async () => {
    const store = runBlock(codeOf("docs/write-a-store.md", "my-store.ts"), {
      "@partwise/core/contract": contract,
    });
    const subjects: (() => never)[] = [];
    const kit = { describeStore: (_: string, make: () => never) => void subjects.push(make) };
    const imports = { "@partwise/testkit/vitest": kit, "./my-store.js": store };
    runBlock(codeOf("docs/write-a-store.md", "my-store.test.ts"), imports);
    const results = await Promise.all(storeCases.map((each) => runCase(each, subjects[0] as () => never)));
    expect(results.filter(({ result }) => result === "failed")).toEqual([]);
    expect(results.filter(({ result }) => result === "passed").length).toBeGreaterThan(35);
  });

  test("of docs/write-a-transport.md passes every case for transports", async () => {
    const transport = runBlock(codeOf("docs/write-a-transport.md", "my-transport.ts"), {
      "@partwise/core/contract": contract,
    });
    const subjects: (() => never)[] = [];
    const kit = { describeTransport: (_: string, make: () => never) => void subjects.push(make) };
    const imports = { "@partwise/testkit/vitest": kit, "./my-transport.js": transport };
    runBlock(codeOf("docs/write-a-transport.md", "my-transport.test.ts"), imports);
    const results = await Promise.all(
      transportCases.map((each) => runCase(each, subjects[0] as () => never)),
    );
    expect(results.filter(({ result }) => result === "failed")).toEqual([]);
    expect(results.filter(({ result }) => result === "passed").length).toBeGreaterThan(30);
  });

  test("of docs/events.md gives the events of an upload one by one, and pauses it when left", async () => {
    const { eventsOf } = runBlock(codeOf("docs/events.md", "example"), {
      "@partwise/core": core,
    }) as unknown as {
      eventsOf: (transfers: Transfers, request: core.UploadRequest) => AsyncGenerator<TransferEvent>;
    };
    const transfers = createTransfers({ transport: modelTransport(), store: memoryStore(), concurrency: 1 });
    const source = bytesSource(new Uint8Array(1_000_000));
    const request = { source, key: "k", threshold: 0, partSize: 102_400 };
    for await (const event of eventsOf(transfers, request)) if (event.type === "part.stored") break;
    const types: string[] = [];
    for await (const event of eventsOf(transfers, request)) types.push(event.type);
    expect(types).toContain("session.resumed");
    expect(types.at(-1)).toBe("transfer.completed");
    const failing = eventsOf(transfers, { ...request, key: "" });
    await expect(failing.next()).rejects.toMatchObject({ code: "invalid-options" });
  });
});
