import { fakeClock, modelRemote } from "@partwise/testkit";
import { expect, test } from "vitest";
import {
  createTransfers,
  type Layer,
  memoryStore,
  moveTransfer,
  type OrphanedSession,
  TransferError,
} from "../src/index.js";

const limits = { partSize: { min: 100, max: 10_000 }, parts: 10_000, putObject: 100_000 };
const day = 24 * 3_600_000;

function world() {
  const clock = fakeClock();
  const remote = modelRemote({ clock, limits });
  const store = memoryStore({ clock });
  const transfers = createTransfers({ transport: remote.transport(), store, clock });
  const begin = async (key: string) => {
    const stop = new AbortController();
    const work = transfers.upload({
      source: new Uint8Array(20_000).fill(key.charCodeAt(0)),
      key,
      partSize: 1000,
      threshold: 0,
      signal: stop.signal,
      onEvent: (event) => event.type === "part.stored" && stop.abort(new Error("paused")),
    });
    await expect(clock.run(work)).rejects.toThrow("paused");
  };
  return { clock, remote, store, transfers, begin };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test("sweep tells of old sessions that no journal names, and aborts them only when told to", async () => {
  const { clock, remote, transfers, begin } = world();
  await begin("known");
  const call = { signal: new AbortController().signal };
  const { session } = await remote.transport().openSession({ key: "orphan" }, call);
  await clock.advance(8 * day);
  await remote.transport().openSession({ key: "young" }, call);
  const look = (abort: boolean): Promise<OrphanedSession[]> =>
    all(transfers.sweep({ olderThan: 7 * day, abort }));
  expect(await clock.run(look(false))).toMatchObject([
    { key: "orphan", session: session.id, bytes: 0, aborted: false },
  ]);
  expect(remote.leftovers()).toHaveLength(3);
  expect(await clock.run(look(true))).toMatchObject([{ key: "orphan", aborted: true }]);
  expect(
    remote
      .leftovers()
      .map((each) => each.key)
      .sort(),
  ).toEqual(["known", "young"]);
});

test("sweep and discard try again what failed in passing", async () => {
  const { clock, remote, store, begin, transfers } = world();
  await begin("known");
  const call = { signal: new AbortController().signal };
  await remote.transport().openSession({ key: "orphan" }, call);
  await clock.advance(8 * day);
  const failed = new Set<string>();
  const once = (verb: string) => {
    if (failed.has(verb)) return;
    failed.add(verb);
    throw new TransferError("unavailable", `${verb}: try again`, { outcome: "not-applied" });
  };
  const shaky: Layer = (inner) => ({
    ...inner,
    listSessions(request, each) {
      once("listSessions");
      return inner.listSessions(request, each);
    },
    listParts(request, each) {
      once("listParts");
      return inner.listParts(request, each);
    },
    async abortSession(request, each) {
      once("abortSession");
      return inner.abortSession(request, each);
    },
  });
  const there = createTransfers({ transport: remote.transport(), store, clock, layers: [shaky] });
  expect(await clock.run(all(there.sweep({ olderThan: 7 * day, abort: true })))).toMatchObject([
    { key: "orphan", aborted: true },
  ]);
  expect([...failed].sort()).toEqual(["abortSession", "listParts", "listSessions"]);
  failed.clear();
  await clock.run(there.discard({ id: await transfers.idOf("known") }));
  expect(failed).toContain("abortSession");
  expect(remote.leftovers()).toEqual([]);
});

test("sweep refuses to look at sessions that may just have been opened", async () => {
  const { transfers } = world();
  await expect(all(transfers.sweep({ olderThan: 1000 }))).rejects.toMatchObject({ code: "invalid-options" });
});

test("a transfer moved to another store goes on from there", async () => {
  const { clock, remote, store, transfers, begin } = world();
  await begin("a");
  const other = memoryStore({ clock });
  const id = await transfers.idOf("a");
  await moveTransfer(id, store, other);
  expect(await all(store.list())).toEqual([]);
  const there = createTransfers({ transport: remote.transport(), store: other, clock });
  const result = await clock.run(
    there.upload({
      source: new Uint8Array(20_000).fill("a".charCodeAt(0)),
      key: "a",
      partSize: 1000,
      threshold: 0,
    }),
  );
  expect(result.resumedBytes).toBeGreaterThan(0);
  expect(remote.requests.get("openSession")).toBe(1);
});

test("a move refuses what is unknown, held, or would overwrite another journal", async () => {
  const { clock, store, transfers, begin } = world();
  const other = memoryStore({ clock });
  const id = await transfers.idOf("a");
  await expect(moveTransfer(id, store, other)).rejects.toMatchObject({ code: "not-found" });
  await begin("a");
  await using journal = await store.open(id);
  const lease = await journal.lease("transfer", 5000);
  await expect(moveTransfer(id, store, other)).rejects.toMatchObject({ code: "lease-held" });
  await lease.release();
  const elsewhere = world();
  await elsewhere.begin("a");
  await elsewhere.begin("b");
  await using foreign = await other.open(id);
  const foreignLease = await foreign.lease("transfer", 5000);
  const { entries } = await (await elsewhere.store.open(await elsewhere.transfers.idOf("b"))).read();
  await foreign.replace(
    entries.map((entry) =>
      (entry as { type: string }).type === "opened"
        ? { ...(entry as object), session: { key: "x", id: "x" } }
        : entry,
    ),
    foreignLease,
  );
  await foreignLease.release();
  await expect(moveTransfer(id, store, other)).rejects.toMatchObject({ code: "already-exists" });
});
