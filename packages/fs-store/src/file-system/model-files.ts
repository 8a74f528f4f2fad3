import type { FileFacts, FileSystem, OpenFile } from "./file-system.js";
import {
  afterPowerLoss,
  type ModelDirectory,
  type ModelFile,
  type ModelNode,
  type PendingChange,
  restore,
  seededChance,
  snapshot,
} from "./model-tree.js";

/** The calls of the model, without hooks. */
export class ModelFiles implements FileSystem {
  readonly syncsDirectories = true;
  private pending: PendingChange[] = [];
  private made = 1;
  private readonly now: () => number;
  private room: number;

  constructor(
    options: { readonly now?: () => number; readonly room?: number },
    private readonly root: ModelDirectory = {
      kind: "directory",
      inode: 1,
      names: new Map(),
      durable: new Map(),
      modifiedAt: 0,
    },
  ) {
    this.now = options.now ?? Date.now;
    this.room = options.room ?? Number.POSITIVE_INFINITY;
  }

  typeOf(path: string): undefined {
    this.node(path);
    return undefined;
  }

  async open(path: string, mode: "read" | "append" | "create"): Promise<OpenFile> {
    const { directory, name } = this.parent(path);
    const found = directory.names.get(name);
    if (mode !== "create") {
      if (found === undefined) throw failure("ENOENT", path);
      if (found.kind === "directory") throw failure("EISDIR", path);
      return this.handle(found);
    }
    if (found !== undefined) throw failure("EEXIST", path);
    const file: ModelFile = {
      kind: "file",
      inode: ++this.made,
      bytes: Buffer.alloc(0),
      synced: 0,
      modifiedAt: this.now(),
    };
    this.put(directory, name, file);
    return this.handle(file);
  }

  async facts(path: string): Promise<FileFacts> {
    return factsOf(this.node(path));
  }

  async touch(path: string, time: number): Promise<void> {
    this.node(path).modifiedAt = time;
  }

  async rename(from: string, to: string): Promise<void> {
    const source = this.parent(from);
    const target = this.parent(to);
    const node = this.node(from);
    const there = target.directory.names.get(target.name);
    if (there?.kind === "directory") {
      if (node.kind === "file") throw failure("EISDIR", to);
      if (there.names.size > 0) throw failure("ENOTEMPTY", to);
    } else if (there !== undefined && node.kind === "directory") throw failure("ENOTDIR", to);
    source.directory.names.delete(source.name);
    target.directory.names.set(target.name, node);
    this.pending.push({
      directories: [source.directory, target.directory],
      apply() {
        if (source.directory.durable.get(source.name) === node) source.directory.durable.delete(source.name);
        target.directory.durable.set(target.name, node);
      },
    });
  }

  async unlink(path: string): Promise<void> {
    if (this.node(path).kind === "directory") throw failure("EISDIR", path);
    this.take(path);
  }

  async mkdir(path: string): Promise<void> {
    const { directory, name } = this.parent(path);
    if (directory.names.has(name)) throw failure("EEXIST", path);
    const made: ModelDirectory = {
      kind: "directory",
      inode: ++this.made,
      names: new Map(),
      durable: new Map(),
      modifiedAt: this.now(),
    };
    this.put(directory, name, made);
  }

  async rmdir(path: string): Promise<void> {
    if (this.directory(path).names.size > 0) throw failure("ENOTEMPTY", path);
    this.take(path);
  }

  async readdir(path: string): Promise<readonly string[]> {
    return [...this.directory(path).names.keys()];
  }

  async syncDirectory(path: string): Promise<void> {
    const directory = this.directory(path);
    const [settled, left] = [[] as PendingChange[], [] as PendingChange[]];
    for (const change of this.pending) {
      (change.directories.includes(directory) ? settled : left).push(change);
    }
    for (const change of settled) change.apply();
    this.pending = left;
  }

  crash(seed: number | undefined): ModelFiles {
    const chance = seed === undefined ? undefined : seededChance(seed);
    // The choice is made on a copy: this file system stays what it is, and can crash otherwise too.
    const before = snapshot(this.root);
    if (chance !== undefined) for (const change of this.pending) if (chance() < 0.5) change.apply();
    const left = afterPowerLoss(this.root, chance);
    restore(before);
    const model = new ModelFiles({ now: this.now, room: this.room }, left);
    model.made = this.made;
    return model;
  }

  addRoom(bytes: number): void {
    this.room += bytes;
  }

  files(): ReadonlyMap<string, Buffer> {
    const found = new Map<string, Buffer>();
    const walk = (directory: ModelDirectory, path: string): void => {
      for (const [name, node] of directory.names) {
        if (node.kind === "directory") walk(node, `${path}/${name}`);
        else found.set(`${path}/${name}`, Buffer.from(node.bytes));
      }
    };
    walk(this.root, "");
    return found;
  }

  damage(path: string, content: Uint8Array): void {
    const node = this.node(path);
    if (node.kind === "directory") throw failure("EISDIR", path);
    node.bytes = Buffer.from(content);
    node.synced = node.bytes.length;
  }

  private handle(file: ModelFile): OpenFile {
    return {
      read: async (into, position) => {
        const bytes = file.bytes.subarray(position, position + into.length);
        into.set(bytes);
        return bytes.length;
      },
      append: async (bytes) => {
        const taken = Math.min(bytes.length, this.room);
        this.room -= taken;
        file.bytes = Buffer.concat([file.bytes, bytes.subarray(0, taken)]);
        file.modifiedAt = this.now();
        return taken;
      },
      datasync: async () => {
        file.synced = file.bytes.length;
      },
      facts: async () => factsOf(file),
      close: async () => {},
    };
  }

  private put(directory: ModelDirectory, name: string, node: ModelNode): void {
    directory.names.set(name, node);
    this.pending.push({ directories: [directory], apply: () => directory.durable.set(name, node) });
  }

  private take(path: string): void {
    const { directory, name } = this.parent(path);
    const node = directory.names.get(name);
    directory.names.delete(name);
    this.pending.push({
      directories: [directory],
      apply() {
        if (directory.durable.get(name) === node) directory.durable.delete(name);
      },
    });
  }

  private parent(path: string): { readonly directory: ModelDirectory; readonly name: string } {
    const steps = stepsOf(path);
    const name = steps.pop();
    if (name === undefined) throw failure("EBUSY", path);
    return { directory: this.walk(steps, path), name };
  }

  private directory(path: string): ModelDirectory {
    return this.walk(stepsOf(path), path);
  }

  private node(path: string): ModelNode {
    if (stepsOf(path).length === 0) return this.root;
    const { directory, name } = this.parent(path);
    const node = directory.names.get(name);
    if (node === undefined) throw failure("ENOENT", path);
    return node;
  }

  private walk(steps: readonly string[], path: string): ModelDirectory {
    let directory = this.root;
    for (const step of steps) {
      const next = directory.names.get(step);
      if (next === undefined) throw failure("ENOENT", path);
      if (next.kind === "file") throw failure("ENOTDIR", path);
      directory = next;
    }
    return directory;
  }
}

function stepsOf(path: string): string[] {
  return path.split(/[\\/]/).filter((step) => step !== "");
}

function factsOf(node: ModelNode): FileFacts {
  const size = node.kind === "file" ? node.bytes.length : 0;
  return { size, modifiedAt: node.modifiedAt, inode: node.inode };
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code, path });
}
