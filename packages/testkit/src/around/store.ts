import type { CheckpointStore, Journal, Lease } from "@partwise/core/contract";

/** Steps of a store that reach its memory. */
export type StoreVerb =
  | "read"
  | "append"
  | "replace"
  | "lease"
  | "renew"
  | "release"
  | "leases"
  | "setAside"
  | "drop"
  | "dispose"
  | "list"
  | "prune";

/** One step of a store. */
export interface StoreCall {
  readonly verb: StoreVerb;
  /** Journal; absent for `list` and `prune`. */
  readonly id?: string;
  /** Name of the lease that is asked for, or under which it is asked. */
  readonly lease?: string;
  /** Lets go of the lease under which it is asked, behind its holder's back. */
  readonly loseLease?: () => Promise<void>;
}

/** Stands around every step: may run it never, once, or later. */
export type AroundStore = <T>(call: StoreCall, run: () => Promise<T>) => Promise<T>;

/** A store all of whose steps pass through one function. */
export function aroundStore(inner: CheckpointStore, around: AroundStore): CheckpointStore {
  return {
    name: inner.name,
    reach: inner.reach,
    durability: inner.durability,
    open: async (id) => aroundJournal(await inner.open(id), around),
    list: () => listed(inner, around),
    prune: (options) => around({ verb: "prune" }, () => inner.prune(options)),
    close: () => inner.close(),
  };
}

async function* listed(inner: CheckpointStore, around: AroundStore) {
  const iterator = inner.list()[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await around({ verb: "list" }, () => iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    iterator.return?.().catch(() => {});
  }
}

function aroundJournal(inner: Journal, around: AroundStore): Journal {
  const { id } = inner;
  // The inner store is given its own leases back: it may know more of them than the port shows.
  const own = new WeakMap<Lease, Lease>();
  const unwrap = (lease: Lease) => own.get(lease) ?? lease;
  const under = (verb: StoreVerb, lease: Lease): StoreCall => ({
    verb,
    id,
    lease: lease.name,
    loseLease: () => unwrap(lease).release(),
  });

  return {
    id,
    read: (from) => around({ verb: "read", id }, () => inner.read(from)),
    append: (entries, lease, options) =>
      around(under("append", lease), () => inner.append(entries, unwrap(lease), options)),
    replace: (entries, lease) => around(under("replace", lease), () => inner.replace(entries, unwrap(lease))),
    async lease(name, ttl, holder) {
      const taken = await around({ verb: "lease", id, lease: name }, () => inner.lease(name, ttl, holder));
      const lease: Lease = {
        name: taken.name,
        holder: taken.holder,
        token: taken.token,
        ttl: taken.ttl,
        renew: () => around(under("renew", lease), () => taken.renew()),
        release: () => around({ verb: "release", id, lease: name }, () => taken.release()),
      };
      own.set(lease, taken);
      return lease;
    },
    leases: (prefix) => around({ verb: "leases", id, lease: prefix }, () => inner.leases(prefix)),
    setAside: (lease) => around(under("setAside", lease), () => inner.setAside(unwrap(lease))),
    drop: (lease) => around(under("drop", lease), () => inner.drop(unwrap(lease))),
    [Symbol.asyncDispose]: () => around({ verb: "dispose", id }, () => inner[Symbol.asyncDispose]()),
  };
}
