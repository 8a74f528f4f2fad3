import type { CheckpointStore, Journal, Lease, Transport } from "@partwise/core/contract";
import { describe, expect, it } from "vitest";
import { memoryStore } from "../../core/src/builtin/memory-store.js";
import { aroundTransport } from "../src/around/transport.js";
import { type Case, type Closable, runCase } from "../src/cases/case.js";
import { CaseFailure } from "../src/cases/check.js";
import { storeCases } from "../src/cases/store/index.js";
import type { StoreSubject } from "../src/cases/store/subject.js";
import { transportCases } from "../src/cases/transport/index.js";
import { fakeClock } from "../src/clock/fake-clock.js";
import { corruptBody } from "../src/faults/bodies.js";
import { readBody } from "../src/model/read-body.js";
import { modelRemote } from "../src/model/remote.js";
import type { ModelRemote } from "../src/model/state.js";

/** Runs one case by its name, and gives why it failed. */
async function failureOf<S extends Closable>(cases: readonly Case<S>[], name: string, make: () => S) {
  const found = cases.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no case "${name}"`);
  const { result, reason } = await runCase(found, make);
  return result === "failed" ? (reason ?? "") : result;
}

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
const brokenStores: readonly (readonly [string, string, string, () => StoreSubject])[] = [
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

/** A model transport, changed by `spoil`. */
function transportSubject(spoil: (transport: Transport, remote: ModelRemote) => Partial<Transport>) {
  const remote = modelRemote({ pageSize: 3 });
  const transport = remote.transport();
  const broken = { ...transport, ...spoil(transport, remote) };
  return { transport: async () => broken, key: (name: string) => name, pageSize: 3 };
}

async function* firstOf<T>(pages: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const page of pages) {
    yield page;
    return;
  }
}

/** What is wrong, the case that must find it, what it says, and the transport. */
const brokenTransports: readonly (readonly [
  string,
  string,
  string,
  (transport: Transport, remote: ModelRemote) => Partial<Transport>,
])[] = [
  [
    "lists the first page only",
    "parts are listed to the last page, and from any number on",
    "numbers listed: wanted [1,2,3,4,5,6,7], found [1,2,3]",
    (transport) => ({ listParts: (request, call) => firstOf(transport.listParts(request, call)) }),
  ],
  [
    "lists the first page of sessions only",
    "sessions are listed to the last page",
    "ids listed",
    (transport) => ({ listSessions: (request, call) => firstOf(transport.listSessions(request, call)) }),
  ],
  [
    "completes twice",
    "a completed session is gone",
    "completing a session that is gone: wanted session-gone, but it succeeded",
    (transport) => ({
      completeSession: async (request, call) => {
        const found = await transport.findObject({ key: request.session.key }, call);
        return found ?? transport.completeSession(request, call);
      },
    }),
  ],
  [
    "completes with all there is",
    "completing takes the list it is given, never all there is",
    "key and size found",
    (transport) => ({
      completeSession: async (request, call) => {
        const parts = [];
        for await (const page of transport.listParts(request, call)) parts.push(...page.parts);
        return transport.completeSession({ ...request, parts }, call);
      },
    }),
  ],
  [
    "complains when a session is aborted twice",
    "an aborted session is gone, and aborting again is quiet",
    "NoSuchUpload",
    (transport, remote) => ({
      abortSession: async (request, call) => {
        if (remote.sessions.get(request.session.id)?.state !== "open") {
          throw new CaseFailure("NoSuchUpload");
        }
        return transport.abortSession(request, call);
      },
    }),
  ],
  [
    "sends what it buffered too late",
    "a chunk is used before the next but one is asked for",
    "checksum of part",
    (transport) =>
      aroundTransport(transport, (call, run) => {
        const { body } = call;
        if (body === undefined) return run();
        return run({
          body: {
            ...body,
            size: body.size,
            async *open(options) {
              const held: Uint8Array[] = [];
              for await (const chunk of body.open(options)) {
                held.push(chunk);
                if (held.length === 3) yield held.shift() as Uint8Array;
              }
              yield* held;
            },
          },
        });
      }),
  ],
  [
    "damages bytes",
    "an object that was put is found and read as it is",
    "checksum in the answer",
    (transport) =>
      aroundTransport(transport, ({ body }, run) => (body ? run({ body: corruptBody(body, 0.5) }) : run())),
  ],
  [
    "fills up a short body",
    "a body that ends too early stores nothing",
    "a short part: wanted source-changed",
    (transport) =>
      aroundTransport(transport, ({ body }, run) =>
        body === undefined
          ? run()
          : run({
              body: {
                ...body,
                size: body.size,
                async *open() {
                  let size = 0;
                  for await (const chunk of body.open()) {
                    size += chunk.length;
                    yield chunk;
                  }
                  yield new Uint8Array(body.size - size);
                },
              },
            }),
      ),
  ],
  [
    "reads the body twice",
    "a body may be opened again for another attempt, and is read once for each",
    "for 1 attempts: wanted 1, found 2",
    (transport) =>
      aroundTransport(transport, async ({ body, signal }, run) => {
        if (body !== undefined) await readBody(body, signal);
        return run();
      }),
  ],
  [
    "keeps the reader of a broken attempt",
    "an abort while the body is sent ends the call soon and frees the reader",
    "the reader was not freed",
    (transport) =>
      aroundTransport(transport, async ({ body }, run) => {
        if (body === undefined) return run();
        await body.open()[Symbol.asyncIterator]().next();
        return run();
      }),
  ],
  [
    "ignores the signal",
    "a call whose signal was aborted before does nothing",
    "putObject succeeded",
    (transport) => aroundTransport(transport, (_, run) => run({ signal: new AbortController().signal })),
  ],
  [
    "decodes plus signs",
    "keys arrive letter by letter, for objects and for sessions",
    '"a+b&c=d" is not there',
    (transport) => ({
      putObject: (request, call) =>
        transport.putObject({ ...request, key: request.key.replaceAll("+", " ") }, call),
    }),
  ],
  [
    "answers an impossible range with what there is",
    "a range that is not in the object is refused",
    "bytes 1000 to 1001 of 1000: wanted an error, but it succeeded",
    (transport) => ({
      readRange: ({ range, ...request }, call) => transport.readRange(request, call),
    }),
  ],
  [
    "forgets metadata in what it prepares",
    "equal options fix the same, other metadata or another type something else",
    "fixes the same as the first options",
    (transport) => ({
      prepare: ({ key, options: { metadata, ...options } = {} }) => transport.prepare({ key, options }),
    }),
  ],
  [
    "checks ifAbsent only in the beginning",
    "ifAbsent refuses at the moment of completing, though nothing was there when the session began",
    "completing: wanted already-exists, but it succeeded",
    (transport) => ({
      completeSession: ({ options, ...request }, call) => transport.completeSession(request, call),
    }),
  ],
];

describe("each case catches the bug it is there for", () => {
  for (const [bug, name, reason, make] of brokenStores) {
    it(`a store that ${bug}`, async () => {
      expect(await failureOf(storeCases, name, make)).toContain(reason);
    });
  }

  for (const [bug, name, reason, spoil] of brokenTransports) {
    it(`a transport that ${bug}`, async () => {
      const make = () => transportSubject(spoil);
      expect(await failureOf(transportCases, name, make)).toContain(reason);
    });
  }
});
