import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "@partwise/core/contract";
import {
  type FileSystem,
  type FsStore,
  fsStore,
  type ModelFileSystem,
  modelFileSystem,
  nodeFileSystem,
} from "../src/index.js";
import { decode } from "../src/log/frame.js";

/** The machine's time, which can be moved on. */
export function shiftedClock(): { readonly clock: Clock; pass(ms: number): Promise<void> } {
  let shift = 0;
  const clock: Clock = {
    now: () => Date.now() + shift,
    random: Math.random,
    sleep: () => Promise.reject(new Error("fs-store does not sleep")),
  };
  return {
    clock,
    async pass(ms) {
      shift += ms;
    },
  };
}

/** A file system whose every call fails while it is away. */
export function failing(inner: FileSystem): { readonly fs: FileSystem; away: string | undefined } {
  const state = { fs: inner, away: undefined as string | undefined };
  const guarded = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(object, name) {
        const value = Reflect.get(object, name) as unknown;
        if (typeof value !== "function" || name === "typeOf" || name === "close") return value;
        return async (...given: unknown[]) => {
          if (state.away !== undefined) throw Object.assign(new Error(state.away), { code: state.away });
          const result = await (value as (...given: unknown[]) => Promise<unknown>).apply(object, given);
          return name === "open" ? guarded(result as object) : result;
        };
      },
    });
  return Object.assign(state, { fs: guarded(inner) });
}

/** What the conformance cases need of a directory full of journals. */
interface Disk {
  readonly fs: FileSystem;
  readonly directory: string;
  rewrite(path: string, change: (content: Buffer) => Uint8Array): Promise<void>;
  read(path: string): Promise<Buffer>;
  clear(): Promise<void>;
  journalPath(id: string): Promise<string>;
}

async function realDisk(): Promise<Disk> {
  const directory = await mkdtemp(join(tmpdir(), "partwise-fs-store-"));
  return {
    fs: nodeFileSystem,
    directory,
    async rewrite(path, change) {
      const before = await readFile(path);
      const after = change(before);
      if (before.subarray(0, after.length).equals(after)) await truncate(path, after.length);
      else await writeFile(path, after);
    },
    read: (path) => readFile(path),
    clear: () => rm(directory, { recursive: true, force: true }),
    journalPath: (id) => journalPath(nodeFileSystem, directory, id),
  };
}

function modelDisk(): Disk {
  let model: ModelFileSystem = modelFileSystem();
  const current = new Proxy({} as FileSystem, { get: (_, name) => Reflect.get(model, name) as unknown });
  const read = async (path: string): Promise<Buffer> => model.files().get(path) as Buffer;
  return {
    fs: current,
    directory: "/store",
    async rewrite(path, change) {
      model.damage(path, change(await read(path)));
    },
    read,
    async clear() {
      model = modelFileSystem();
    },
    journalPath: (id) => journalPath(current, "/store", id),
  };
}

async function journalPath(fs: FileSystem, root: string, id: string): Promise<string> {
  const directory = join(root, id.slice(0, 2), id);
  const name = (await fs.readdir(directory)).find((each) => each.startsWith("journal-"));
  if (name === undefined) throw new Error(`no journal in ${directory}`);
  return join(directory, name);
}

/** A subject of the conformance cases. */
export async function subject(kind: "real" | "model") {
  const disk = kind === "real" ? await realDisk() : modelDisk();
  const { clock, pass } = shiftedClock();
  const opened: FsStore[] = [];
  const guard = failing(disk.fs);
  return {
    async open() {
      const store = fsStore({ directory: disk.directory, fileSystem: guard.fs, clock });
      opened.push(store);
      return store;
    },
    pass,
    forget: () => disk.clear(),
    tearTail: async (id: string) =>
      disk.rewrite(await disk.journalPath(id), (content) => content.subarray(0, -5)),
    spoil: async (id: string) =>
      disk.rewrite(await disk.journalPath(id), () => Buffer.from("none of ours\n")),
    async readAside(place: string) {
      const entries: unknown[] = [];
      const content = await disk.read(place);
      for (const line of content.toString().split("\n")) {
        const record = decode(Buffer.from(line)) as { entries?: unknown[] } | undefined;
        entries.push(...(record?.entries ?? []));
      }
      return entries;
    },
    async outage() {
      guard.away = "EIO";
      return async () => {
        guard.away = undefined;
      };
    },
    async close() {
      await Promise.all(opened.map((store) => store.close()));
      if (kind === "real") await disk.clear();
    },
  };
}
