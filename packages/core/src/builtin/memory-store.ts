import { systemClock } from "../clock.js";
import type { CheckpointStore, Journal, ListedJournal } from "../contracts/checkpoint-store.js";
import type { Clock } from "../contracts/clock.js";
import { TransferError } from "../errors.js";
import type { JsonValue } from "../model/json.js";
import { liveLeases, MemoryJournal, type MemoryState } from "./memory-journal.js";

/** Options of {@link memoryStore}. */
export interface MemoryStoreOptions {
  /** Judges when leases expire. Default: the machine's clock. */
  readonly clock?: Clock;
  /** For people. Default `memory`. */
  readonly name?: string;
}

/** A store that forgets everything with its process. */
export interface MemoryStore extends CheckpointStore {
  /** What was set aside, under the place that `setAside` named. */
  readonly asides: ReadonlyMap<string, readonly JsonValue[]>;
}

/**
 * Keeps journals in memory, shared by everyone in this process who uses the same store. Transfers resume after a
 * failure or a pause, but not after the process has ended: for that, use a store on disk or in Redis.
 */
export function memoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const state: MemoryState = {
    clock: options.clock ?? systemClock,
    name: options.name ?? "memory",
    journals: new Map(),
    asides: new Map(),
    made: 0,
  };
  return {
    name: state.name,
    reach: "process",
    durability: "none",
    asides: state.asides,
    async open(id: string): Promise<Journal> {
      checkId(id);
      return new MemoryJournal(id, state);
    },
    list: () => list(state),
    async prune({ olderThan }) {
      if (!(olderThan >= 0)) {
        throw new TransferError("invalid-options", `olderThan is ${olderThan}; use milliseconds, 0 or more.`);
      }
      const now = state.clock.now();
      const old = [...state.journals].filter(
        ([, kept]) =>
          kept.entries.length > 0 && kept.updatedAt <= now - olderThan && liveLeases(kept, now).length === 0,
      );
      for (const [id] of old) state.journals.delete(id);
      return old.map(([id]) => id);
    },
    async close() {},
  };
}

function checkId(id: string): void {
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(id)) {
    throw new TransferError(
      "invalid-options",
      `${JSON.stringify(id).slice(0, 140)} is no journal id; use 1 to 128 characters of A-Z a-z 0-9 _ -.`,
    );
  }
}

async function* list(state: MemoryState): AsyncGenerator<ListedJournal> {
  for (const id of [...state.journals.keys()]) {
    const kept = state.journals.get(id);
    if (kept !== undefined && kept.entries.length > 0) yield { id, updatedAt: kept.updatedAt };
  }
}
