/** A file of the model: bytes, of which the first `synced` survive power loss. */
export interface ModelFile {
  readonly kind: "file";
  readonly inode: number;
  bytes: Buffer;
  synced: number;
  modifiedAt: number;
}

/** A directory of the model: its names as seen now, and as they would be after power loss. */
export interface ModelDirectory {
  readonly kind: "directory";
  readonly inode: number;
  readonly names: Map<string, ModelNode>;
  readonly durable: Map<string, ModelNode>;
  modifiedAt: number;
}

export type ModelNode = ModelFile | ModelDirectory;

/** A change of names that power loss may still undo. */
export interface PendingChange {
  readonly directories: readonly ModelDirectory[];
  apply(): void;
}

/** Choices at power loss: a seeded number in [0, 1) each time. */
export type Chance = () => number;

/** What power loss leaves of a tree, as a new one. */
export function afterPowerLoss(directory: ModelDirectory, chance: Chance | undefined): ModelDirectory {
  const left: ModelDirectory = { ...directory, names: new Map(), durable: new Map() };
  for (const [name, node] of directory.durable) {
    const copy = node.kind === "directory" ? afterPowerLoss(node, chance) : fileAfterPowerLoss(node, chance);
    left.names.set(name, copy);
    left.durable.set(name, copy);
  }
  return left;
}

/** Nothing unsynced is left; or with chance on, some of it, cut anywhere, or zeros in its place. */
function fileAfterPowerLoss(file: ModelFile, chance: Chance | undefined): ModelFile {
  const unsynced = file.bytes.length - file.synced;
  const kept = chance === undefined ? 0 : Math.floor(chance() * (unsynced + 1));
  const zeros = chance !== undefined && chance() < 0.3 ? unsynced - kept : 0;
  const bytes = Buffer.concat([file.bytes.subarray(0, file.synced + kept), Buffer.alloc(zeros)]);
  return { ...file, bytes, synced: bytes.length };
}

/** Small seeded generator (mulberry32). */
export function seededChance(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What is durable in every directory of a tree. */
export type Snapshot = readonly (readonly [ModelDirectory, ReadonlyMap<string, ModelNode>])[];

export function snapshot(root: ModelDirectory): Snapshot {
  const seen = new Set<ModelDirectory>();
  const walk = (directory: ModelDirectory): void => {
    if (seen.has(directory)) return;
    seen.add(directory);
    for (const node of [...directory.names.values(), ...directory.durable.values()]) {
      if (node.kind === "directory") walk(node);
    }
  };
  walk(root);
  return [...seen].map((directory) => [directory, new Map(directory.durable)]);
}

export function restore(before: Snapshot): void {
  for (const [directory, durable] of before) {
    directory.durable.clear();
    for (const [name, node] of durable) directory.durable.set(name, node);
  }
}
