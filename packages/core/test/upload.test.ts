import { crc64, type FakeClock, fakeClock, type ModelRemote, modelRemote } from "@partwise/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import {
  bytesSource,
  type CheckpointStore,
  createTransfers,
  type Layer,
  memoryStore,
  type TransferEvent,
  type TransfersOptions,
  type UploadRequest,
} from "../src/index.js";

const partSize = 1000;
const limits = { partSize: { min: 100, max: 10_000 }, parts: 10_000, putObject: 100_000 };

let clock: FakeClock;
let remote: ModelRemote;
let store: CheckpointStore;
let events: TransferEvent[];

beforeEach(() => {
  clock = fakeClock();
  remote = modelRemote({ clock, limits, pageSize: 7 });
  store = memoryStore({ clock });
  events = [];
});

function bytes(size: number, seed = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 24;
  });
}

function transfers(more: Partial<TransfersOptions> = {}) {
  return createTransfers({ transport: remote.transport(), store, clock, concurrency: 3, ...more });
}

function upload(
  data: Uint8Array,
  more: Partial<UploadRequest> = {},
  options: Partial<TransfersOptions> = {},
) {
  const request: UploadRequest = {
    source: data,
    key: "k",
    partSize,
    threshold: 2000,
    onEvent: (event) => events.push(event),
    ...more,
  };
  return clock.run(transfers(options).upload(request));
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

function object(): Uint8Array {
  return remote.objects.get("k")!.bytes;
}

function types(): string[] {
  return events.map((event) => event.type);
}

describe("a new upload", () => {
  test("arrives whole, in the parts of its plan, with the checksum of the local bytes", async () => {
    const data = bytes(10_500);
    const result = await upload(data);
    expect(object()).toEqual(data);
    expect(result).toMatchObject({
      key: "k",
      size: 10_500,
      sentBytes: 10_500,
      resumedBytes: 0,
      wastedBytes: 0,
      outcome: "sent",
    });
    expect(result.checksum).toEqual({ kind: "crc64ecma", value: crc64(data) });
    expect(types().filter((type) => type === "part.stored")).toHaveLength(11);
    expect(types().slice(0, 2)).toEqual(["transfer.planned", "session.opened"]);
    expect(types().at(-1)).toBe("transfer.completed");
    expect(remote.leftovers()).toEqual([]);
  });

  test("leaves nothing in its journal but the tombstone", async () => {
    await upload(bytes(5_000));
    const [listed] = await all(store.list());
    await using journal = await store.open(listed!.id);
    const { entries } = await journal.read();
    expect(entries.map((entry) => (entry as { type: string }).type)).toEqual(["sealed"]);
    expect(await journal.leases("")).toEqual([]);
  });

  test("below the threshold goes in one request and writes no journal", async () => {
    const result = await upload(bytes(1_999));
    expect(result).toMatchObject({ size: 1_999, sentBytes: 1_999, outcome: "sent" });
    expect(object()).toEqual(bytes(1_999));
    expect(await all(store.list())).toEqual([]);
    expect(Object.fromEntries(remote.requests)).toEqual({ putObject: 1 });
  });

  test("of nothing makes an empty object", async () => {
    expect(await upload(new Uint8Array())).toMatchObject({ size: 0, sentBytes: 0, outcome: "sent" });
    expect(object()).toEqual(new Uint8Array());
  });

  test("of exactly the threshold goes in parts", async () => {
    await upload(bytes(2_000));
    expect(remote.requests.get("putPart")).toBe(2);
  });

  test("run again resolves with what is there and sends nothing", async () => {
    const data = bytes(5_000);
    const first = await upload(data);
    const sent = remote.received;
    const again = await upload(data);
    expect(again).toMatchObject({ outcome: "found", sentBytes: 0, resumedBytes: 5_000, tag: first.tag });
    expect(remote.received).toBe(sent);
  });

  test("of other bytes replaces the object and the tombstone", async () => {
    await upload(bytes(5_000));
    const other = bytes(5_000, 2);
    expect(await upload(other)).toMatchObject({ outcome: "sent", sentBytes: 5_000 });
    expect(object()).toEqual(other);
  });
});

/** Sends until `parts` parts are stored, then aborts; every attempt under way may still end. */
async function pauseAfter(parts: number, data: Uint8Array, more: Partial<UploadRequest> = {}) {
  const stop = new AbortController();
  let stored = 0;
  const onEvent = (event: TransferEvent) => {
    if (event.type === "part.stored" && ++stored === parts) stop.abort(new Error("paused"));
  };
  await expect(upload(data, { signal: stop.signal, onEvent, ...more })).rejects.toThrow("paused");
  return stored;
}

describe("going on", () => {
  test("sends only what is missing", async () => {
    const data = bytes(20_000);
    const stored = await pauseAfter(5, data);
    const result = await upload(data);
    expect(result).toMatchObject({
      outcome: "sent",
      sentBytes: 20_000 - stored * 1000,
      resumedBytes: stored * 1000,
    });
    expect(object()).toEqual(data);
    expect(remote.requests.get("putPart")).toBe(20);
    expect(types()).toContain("session.resumed");
  });

  test("keeps to the stored plan, whatever part size is asked for now", async () => {
    const data = bytes(20_000);
    await pauseAfter(5, data);
    await upload(data, { partSize: 3000 });
    expect(remote.requests.get("putPart")).toBe(20);
    expect(remote.requests.get("openSession")).toBe(1);
  });

  test("sends again exactly the parts whose bytes differ now", async () => {
    const data = bytes(20_000);
    const stored = await pauseAfter(8, data);
    const changed = data.slice();
    changed[2_500] = changed[2_500]! ^ 1;
    const result = await upload(changed);
    expect(object()).toEqual(changed);
    expect(result.sentBytes).toBe(20_000 - stored * 1000 + 1000);
    expect(events.filter((event) => event.type === "part.proven" && !event.same)).toMatchObject([
      { number: 3 },
    ]);
  });

  test("by fingerprint reads nothing again that has its receipt", async () => {
    const data = bytes(20_000);
    await pauseAfter(5, data);
    await upload(data, { verify: "fingerprint" });
    expect(types()).not.toContain("part.proven");
    expect(object()).toEqual(data);
  });

  test("does not believe receipts whose parts are not there", async () => {
    const data = bytes(20_000);
    await pauseAfter(5, data);
    const [session] = remote.leftovers();
    session!.parts.delete(2);
    const result = await upload(data, { verify: "fingerprint" });
    expect(object()).toEqual(data);
    expect(result.outcome).toBe("sent");
  });

  test("counts parts the journal never heard of", async () => {
    const data = bytes(20_000);
    const stored = await pauseAfter(5, data);
    const [listed] = await all(store.list());
    await using journal = await store.open(listed!.id);
    const lease = await journal.lease("transfer", 5000);
    const { entries } = await journal.read();
    await journal.replace(
      entries.filter((entry) => (entry as { type: string }).type !== "stored"),
      lease,
    );
    await lease.release();
    expect(await upload(data)).toMatchObject({ resumedBytes: stored * 1000 });
    expect(remote.requests.get("putPart")).toBe(20);
  });

  test("with other options begins a new session and aborts the old one", async () => {
    const data = bytes(20_000);
    await pauseAfter(5, data);
    await upload(data, { object: { metadata: { a: "b" } } });
    expect(events.find((event) => event.type === "session.superseded")).toMatchObject({ reason: "options" });
    expect(remote.leftovers()).toEqual([]);
    expect(object()).toEqual(data);
  });

  test("with another size from another source stops, and begins anew when asked to", async () => {
    await pauseAfter(5, bytes(20_000));
    const other = bytes(19_000);
    await expect(upload(other)).rejects.toMatchObject({ code: "source-changed" });
    expect(remote.leftovers()).toHaveLength(1);
    await upload(other, { restart: true });
    expect(object()).toEqual(other);
    expect(remote.leftovers()).toEqual([]);
  });

  test("with another size from the same place begins anew", async () => {
    await pauseAfter(5, bytes(20_000), { source: bytesSource(bytes(20_000), "/the/file") });
    const grown = bytes(21_000);
    await upload(grown, { source: bytesSource(grown, "/the/file") });
    expect(events.find((event) => event.type === "session.superseded")).toMatchObject({
      reason: "source-size",
    });
    expect(object()).toEqual(grown);
  });

  test("after the session vanished begins a new one", async () => {
    const data = bytes(20_000);
    await pauseAfter(5, data);
    remote.sessions.clear();
    await upload(data);
    expect(events.find((event) => event.type === "session.superseded")).toMatchObject({
      reason: "session-gone",
    });
    expect(object()).toEqual(data);
  });

  test("small supersedes what was left half-done at its key", async () => {
    await pauseAfter(5, bytes(20_000), { source: bytesSource(bytes(20_000), "/the/file") });
    const small = bytes(500);
    await upload(small, { source: bytesSource(small, "/the/file") });
    expect(object()).toEqual(small);
    expect(remote.leftovers()).toEqual([]);
    expect(await all(store.list())).toEqual([]);
  });
});

describe("several callers", () => {
  test("with the same request share one run", async () => {
    const data = bytes(20_000);
    const shared = transfers();
    const request = { source: data, key: "k", partSize, threshold: 2000 };
    const [one, two] = await clock.run(Promise.all([shared.upload(request), shared.upload(request)]));
    expect(one).toEqual(two);
    expect(remote.requests.get("putPart")).toBe(20);
  });

  test("one who leaves detaches only itself", async () => {
    const data = bytes(20_000);
    const shared = transfers();
    const stop = new AbortController();
    const request = { source: data, key: "k", partSize, threshold: 2000 };
    const onEvent = (event: TransferEvent) => event.type === "part.stored" && stop.abort(new Error("left"));
    const [one, two] = await clock.run(
      Promise.allSettled([
        shared.upload({ ...request, signal: stop.signal, onEvent }),
        shared.upload(request),
      ]),
    );
    expect(one).toMatchObject({ status: "rejected", reason: new Error("left") });
    expect(two).toMatchObject({ status: "fulfilled" });
    expect(object()).toEqual(data);
  });

  test("with different requests meet at the lease", async () => {
    let second: Promise<unknown> | undefined;
    const hold: Layer = (inner) => ({
      ...inner,
      async putPart(request, call) {
        second ??= shared.upload({ source: bytes(20_000, 2), key: "k", partSize, threshold: 2000 });
        await second.catch(() => undefined);
        return inner.putPart(request, call);
      },
    });
    const shared = transfers({ layers: [hold] });
    await clock.run(shared.upload({ source: bytes(20_000), key: "k", partSize, threshold: 2000 }));
    await expect(second).rejects.toMatchObject({ code: "lease-held" });
    expect(object()).toEqual(bytes(20_000));
  });
});

describe("discard", () => {
  test("aborts the session and forgets the journal", async () => {
    await pauseAfter(5, bytes(20_000));
    expect(await clock.run(transfers().discard({ key: "k" }))).toMatchObject({ aborted: 1 });
    expect(remote.leftovers()).toEqual([]);
    expect(await all(store.list())).toEqual([]);
  });

  test("of an unknown transfer says so", async () => {
    await expect(clock.run(transfers().discard({ key: "k" }))).rejects.toMatchObject({ code: "not-found" });
  });
});

test("list tells what the journals know", async () => {
  const stored = await pauseAfter(5, bytes(20_000));
  expect(await all(transfers().list())).toMatchObject([
    {
      state: "sending",
      key: "k",
      size: 20_000,
      parts: 20,
      storedParts: stored,
      storedBytes: stored * 1000,
      holders: [],
    },
  ]);
});

test("a damaged journal is set aside, told of, and does not block the next run", async () => {
  await pauseAfter(5, bytes(20_000));
  const [listed] = await all(store.list());
  await using journal = await store.open(listed!.id);
  const lease = await journal.lease("transfer", 5000);
  await journal.replace(["rubbish", { type: "stored" }], lease);
  await lease.release();
  await expect(upload(bytes(20_000))).rejects.toMatchObject({
    code: "checkpoint-unreadable",
    details: { keptAt: expect.any(String) },
  });
  expect(await upload(bytes(20_000))).toMatchObject({ outcome: "sent" });
});

test("a journal of a newer version is left as it is", async () => {
  await pauseAfter(5, bytes(20_000));
  const [listed] = await all(store.list());
  await using journal = await store.open(listed!.id);
  const lease = await journal.lease("transfer", 5000);
  await journal.append([{ type: "planned", v: 2 }], lease);
  await lease.release();
  for (let run = 0; run < 2; run++) {
    await expect(upload(bytes(20_000))).rejects.toMatchObject({ code: "checkpoint-too-new" });
  }
});

test("an id that belongs to another key is refused, half-done or finished", async () => {
  await pauseAfter(5, bytes(20_000), { id: "mine" });
  await expect(upload(bytes(20_000), { id: "mine", key: "other" })).rejects.toMatchObject({
    code: "invalid-options",
  });
  await upload(bytes(20_000), { id: "mine" });
  expect(await upload(bytes(20_000), { id: "mine", key: "other" })).toMatchObject({ outcome: "sent" });
  expect([...remote.objects.keys()].sort()).toEqual(["k", "other"]);
});

test("receipts that take long to become durable do not hold back the sending", async () => {
  const slow: CheckpointStore = {
    ...store,
    name: "slow",
    async open(id) {
      const journal = await store.open(id);
      const append = journal.append.bind(journal);
      journal.append = async (entries, lease, options) => {
        if (options?.ordered === false) await clock.sleep(10_000);
        return append(entries, lease, options);
      };
      return journal;
    },
  };
  const began = clock.now();
  await upload(bytes(20_000), {}, { store: slow });
  expect(clock.now() - began).toBeLessThan(11_000);
  expect(types().filter((type) => type === "part.stored")).toHaveLength(20);
});
