import type { JsonValue } from "@partwise/core/contract";
import {
  type FileSystemHooks,
  type FsStore,
  fsStore,
  type ModelFileSystem,
  type Processes,
} from "../src/index.js";

/** What is thrown where the process dies; nothing it does afterwards has any effect. */
export class Death extends Error {}

/** Hooks that count effects and die before or after one of them. */
export function mortal(
  at: number,
  moment: "before" | "after",
): FileSystemHooks & { count: number; dead: boolean } {
  const life = {
    count: 0,
    dead: false,
    before() {
      if (life.dead) throw new Death();
      if (++life.count === at && moment === "before") die();
    },
    after() {
      if (life.dead) throw new Death();
      // A call that failed has no "after": then the next one's will do.
      if (life.count >= at && moment === "after") die();
    },
  };
  const die = (): never => {
    life.dead = true;
    throw new Death();
  };
  return life;
}

let lives = 0;

/** A store as a new process opens it, which finds every earlier process gone. */
export function storeOf(fileSystem: ModelFileSystem): FsStore {
  const pid = ++lives;
  const processes: Processes = {
    self: () => ({ pid, host: "model" }),
    isGone: (mark) => mark.pid !== pid,
  };
  return fsStore({ directory: "/home/store", fileSystem, processes, gatherFor: 0 });
}

/** One step of a scenario: what it does, and all that a crash during it may leave of given entries. */
export interface Step {
  readonly name: string;
  run(store: FsStore): Promise<unknown>;
  /** The last is what holds once the step has resolved. */
  outcomes?(entries: readonly JsonValue[]): readonly (readonly JsonValue[])[];
}

/** Runs steps until one is cut short; resolves with all that the journal may hold then. */
export async function runSteps(
  store: FsStore,
  steps: readonly Step[],
  start: readonly (readonly JsonValue[])[] = [[]],
): Promise<readonly (readonly JsonValue[])[]> {
  let allowed = start;
  for (const step of steps) {
    const during = allowed.flatMap((entries) => step.outcomes?.(entries) ?? [entries]);
    try {
      await step.run(store);
    } catch (error) {
      if (error instanceof Death) return [...allowed, ...during];
      throw error;
    }
    allowed = allowed.map((entries) => step.outcomes?.(entries).at(-1) ?? entries);
  }
  return allowed;
}
