import type { CheckpointStore, Journal } from "@partwise/core/contract";
import type { FakeClock } from "@partwise/testkit";
import { memoryStore } from "../../../../src/index.js";

/** A shared store that can lose everything it knew, leases included, as a Redis without a disk does. */
export class ForgetfulStore implements CheckpointStore {
  readonly name = "simulated";
  readonly reach = "network";
  readonly durability = "none";
  readonly #clock: FakeClock;
  #memory: CheckpointStore;
  #age = 0;

  constructor(clock: FakeClock) {
    this.#clock = clock;
    this.#memory = memoryStore({ clock });
  }

  forget(): void {
    this.#memory = memoryStore({ clock: this.#clock });
    this.#age++;
  }

  async open(id: string): Promise<Journal> {
    const opened = new Map<CheckpointStore, Promise<Journal>>();
    const now = (): Promise<Journal> => {
      const memory = this.#memory;
      const journal = opened.get(memory) ?? memory.open(id);
      opened.set(memory, journal);
      return journal;
    };
    const age = () => `${this.#age}/`;
    return {
      id,
      async read(from) {
        const stale = from !== undefined && !from.startsWith(age());
        const page = await (await now()).read(stale ? undefined : from?.slice(age().length));
        return { ...page, position: `${age()}${page.position}`, fromStart: stale || page.fromStart };
      },
      append: async (entries, lease, options) => (await now()).append(entries, lease, options),
      replace: async (entries, lease) => (await now()).replace(entries, lease),
      async lease(name, ttl, holder) {
        const lease = await (await now()).lease(name, ttl, holder);
        return lease;
      },
      leases: async (prefix) => (await now()).leases(prefix),
      setAside: async (lease) => (await now()).setAside(lease),
      drop: async (lease) => (await now()).drop(lease),
      [Symbol.asyncDispose]: async () => undefined,
    };
  }

  list() {
    return this.#memory.list();
  }

  prune(options: { readonly olderThan: number }) {
    return this.#memory.prune(options);
  }

  async close() {}
}
