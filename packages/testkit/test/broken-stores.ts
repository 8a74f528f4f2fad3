import type { CheckpointStore, Journal, Lease } from "@partwise/core/contract";
import { memoryStore } from "../../core/src/builtin/memory-store.js";
import type { StoreSubject } from "../src/cases/store/subject.js";
import { fakeClock } from "../src/clock/fake-clock.js";

/** A memory store, each journal of which is changed by `spoil`. */
function storeSubject(
  spoil: (journal: Journal, store: CheckpointStore) => Partial<Journal>,
  spoilStore: (store: CheckpointStore) => Partial<CheckpointStore> = () => ({}),
): StoreSubject {
  const clock = fakeClock();
  const store = memoryStore({ clock });
  const open = async (id: string): Promise<Journal> => {
    const journal = await store.open(id);
    const methods: Journal = {
      id,
      read: (from) => journal.read(from),
      append: (entries, lease, options) => journal.append(entries, lease, options),
      replace: (entries, lease) => journal.replace(entries, lease),
      lease: (name, ttl, holder) => journal.lease(name, ttl, holder),
      leases: (prefix) => journal.leases(prefix),
      setAside: (lease) => journal.setAside(lease),
      drop: (lease) => journal.drop(lease),
      [Symbol.asyncDispose]: () => journal[Symbol.asyncDispose](),
    };
    return { ...methods, ...spoil(journal, store) };
  };
  const broken: CheckpointStore = { ...store, open, ...spoilStore(store) };
  return { open: async () => broken, pass: (ms) => clock.advance(ms) };
}

/** Takes the lease anew under another name when it was lost: what a store without fences does. */
async function unfenced<T>(journal: Journal, lease: Lease, work: (lease: Lease) => Promise<T>): Promise<T> {
  try {
    return await work(lease);
  } catch {
    return work(await journal.lease(`unfenced ${lease.token}`, 1_000));
  }
}

/** What is wrong, the case that must find it, what it says, and the store. */
export const brokenStores: readonly (readonly [string, string, string, () => StoreSubject])[] = [
  [
    "appends under a stale lease",
    "nothing is written under an expired lease, though the name is free",
    "append after expiry: wanted lease-lost, but it succeeded",
    () =>
      storeSubject((journal) => ({
        append: (entries, lease) => unfenced(journal, lease, (any) => journal.append(entries, any)),
      })),
  ],
  [
    "appends for a stale holder beside its successor",
    "nothing is written under a lease that somebody else has taken since",
    "replace after a takeover: wanted lease-lost, but it succeeded",
    () =>
      storeSubject((journal) => ({
        replace: (entries, lease) => unfenced(journal, lease, (any) => journal.replace(entries, any)),
      })),
  ],
  [
    "drops for anybody",
    "nothing is written under a released lease, though the name is free",
    "drop after release: wanted lease-lost, but it succeeded",
    () =>
      storeSubject((journal) => ({ drop: (lease) => unfenced(journal, lease, (any) => journal.drop(any)) })),
  ],
  [
    "renews after expiry",
    "a lease that expired cannot be renewed, though the name is free",
    "renewing after expiry: wanted lease-lost, but it succeeded",
    () =>
      storeSubject((journal) => ({
        async lease(name, ttl, holder) {
          const lease = await journal.lease(name, ttl, holder);
          return { ...lease, renew: () => lease.renew().catch(() => {}) };
        },
      })),
  ],
  [
    "uses a token again",
    "no token comes twice: not in many takes, not after a drop",
    "token 1 came twice",
    () =>
      storeSubject((journal) => ({
        lease: async (name, ttl, holder) => ({ ...(await journal.lease(name, ttl, holder)), token: "1" }),
        append: async () => {},
        drop: async () => {},
      })),
  ],
  [
    "lets both racers win",
    "of two that take a name at once exactly one gets it, fifty times",
    "winners in round 0: wanted 1, found 2",
    () => {
      let taken: Promise<Lease> | undefined;
      return storeSubject((journal) => ({
        lease: (name, ttl, holder) => {
          taken ??= journal.lease(name, ttl, holder);
          return taken;
        },
      }));
    },
  ],
  [
    "loses entries of parallel appends",
    "appends made at once through one lease keep everything",
    "entries: wanted [0,1,2",
    () =>
      storeSubject((journal) => ({
        async append(entries, lease) {
          const { entries: before } = await journal.read();
          await Promise.resolve();
          await journal.replace([...before, ...entries], lease);
        },
      })),
  ],
  [
    "does not tell a follower of a replacement",
    "replacing puts new entries in the place of all, and a follower is told to start anew",
    'wanted [true,["a","b"]], found [false,["a","b"]]',
    () =>
      storeSubject((journal) => ({
        read: async (from) => ({ ...(await journal.read(from)), fromStart: false }),
      })),
  ],
  [
    "turns empty lists into objects",
    "entries are opaque JSON",
    "found",
    () =>
      storeSubject((journal) => ({
        append: (entries, lease) =>
          journal.append(JSON.parse(JSON.stringify(entries).replaceAll("[]", "{}")), lease),
      })),
  ],
  [
    "prunes what is held",
    "pruning removes what is old, and spares what is held or young",
    'pruned: wanted ["old"], found ["old","held"]',
    () =>
      storeSubject(
        () => ({}),
        () => ({ prune: async () => ["old", "held"] }),
      ),
  ],
  [
    "opens any path",
    "an id that could walk out of its place is refused",
    'opening "": wanted invalid-options',
    () =>
      storeSubject(
        () => ({}),
        (store) => ({ open: (id) => store.open(id.replace(/[^\w-]/g, "_").slice(0, 128) || "x") }),
      ),
  ],
];
