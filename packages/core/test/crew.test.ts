import { type FakeClock, fakeClock, type ModelRemote, modelRemote } from "@partwise/testkit";
import { beforeEach, expect, test } from "vitest";
import type { Journal } from "../src/contract.js";
import {
  bytesSource,
  type CheckpointStore,
  createTransfers,
  type Layer,
  memoryStore,
  type TransferEvent,
  type UploadRequest,
} from "../src/index.js";

const limits = { partSize: { min: 100, max: 10_000 }, parts: 10_000, putObject: 100_000 };

let clock: FakeClock;
let remote: ModelRemote;
let store: CheckpointStore;

beforeEach(() => {
  clock = fakeClock();
  remote = modelRemote({ clock, limits });
  const memory = memoryStore({ clock });
  // All handles of one memory store share its journals: what other machines see of a network store.
  store = {
    ...memory,
    name: "shared",
    reach: "network",
    open: (id) => memory.open(id),
    list: () => memory.list(),
  };
});

function bytes(size: number, seed = 7): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 24;
  });
}

/** Every call takes a while, so that members work beside each other. */
const slow: Layer = (inner) => ({
  ...inner,
  async putPart(request, call) {
    await clock.sleep(50 + clock.random() * 200, call.signal);
    return inner.putPart(request, call);
  },
});

interface Told {
  readonly events: TransferEvent[];
}

function member(data: Uint8Array, more: Partial<UploadRequest> = {}, layers: Layer[] = [slow]) {
  const events: TransferEvent[] = [];
  const transfers = createTransfers({ transport: remote.transport(), store, clock, concurrency: 3, layers });
  const result = transfers.upload({
    source: bytesSource(data, "/shared/file"),
    key: "k",
    partSize: 1000,
    threshold: 0,
    crew: true,
    onEvent: (event) => events.push(event),
    ...more,
  });
  result.catch(() => undefined);
  return { result, events } satisfies Told & { result: Promise<unknown> };
}

test("four members send every part once and resolve with the same object", async () => {
  const data = bytes(60_500);
  const crew = Array.from({ length: 4 }, () => member(data));
  const results = await clock.run(Promise.all(crew.map((each) => each.result)));
  expect(remote.objects.get("k")!.bytes).toEqual(data);
  expect(remote.requests.get("putPart")).toBe(61);
  expect(remote.requests.get("openSession")).toBe(1);
  expect(remote.requests.get("completeSession")).toBe(1);
  expect(new Set(results.map((each) => `${each.tag} ${each.checksum?.value}`)).size).toBe(1);
  expect(results.reduce((sum, each) => sum + each.sentBytes, 0)).toBe(60_500);
  expect(results.every((each) => each.sentBytes > 0)).toBe(true);
  expect(remote.leftovers()).toEqual([]);
});

test("a member that dies is taken over, and wastes no more than it had in flight", async () => {
  const data = bytes(60_500);
  let dead = false;
  const dying: Layer = (inner) => ({
    ...inner,
    async putPart(request, call) {
      if (dead) return new Promise(() => undefined);
      return slow(inner).putPart(request, call);
    },
  });
  // A dead process renews nothing either.
  const alive = store;
  store = {
    ...alive,
    async open(id) {
      const journal = await alive.open(id);
      const open = journal.lease.bind(journal);
      journal.lease = async (name, ttl, holder) => {
        const lease = await open(name, ttl, holder);
        const renew = lease.renew.bind(lease);
        return {
          ...lease,
          renew: () => (dead ? new Promise(() => undefined) : renew()),
          release: lease.release.bind(lease),
        };
      };
      return journal;
    },
  };
  member(data, {}, [dying]);
  store = alive;
  const others = [member(data), member(data)];
  const work = clock.run(Promise.all(others.map((each) => each.result)));
  await new Promise((resolve) => setImmediate(resolve));
  dead = true;
  const results = await work;
  expect(remote.objects.get("k")!.bytes).toEqual(data);
  expect(new Set(results.map((each) => each.tag)).size).toBe(1);
  expect(remote.requests.get("putPart")).toBeLessThanOrEqual(61 + 3);
});

test("a member goes on with what an earlier crew left, sending nothing twice", async () => {
  const data = bytes(30_000);
  const stop = new AbortController();
  const first = member(data, {
    signal: stop.signal,
    onEvent: (event) =>
      event.type === "part.stored" && event.number % 7 === 0 && stop.abort(new Error("paused")),
  });
  await expect(clock.run(first.result)).rejects.toThrow("paused");
  await clock.run(member(data).result);
  expect(remote.requests.get("putPart")).toBe(30);
  expect(remote.objects.get("k")!.bytes).toEqual(data);
});

test("the sealer proves what another machine's fingerprint vouches for", async () => {
  const data = bytes(30_000);
  const stop = new AbortController();
  const first = member(data, {
    source: bytesSource(data, "/one/place"),
    signal: stop.signal,
    onEvent: (event) => event.type === "part.stored" && stop.abort(new Error("paused")),
  });
  await expect(clock.run(first.result)).rejects.toThrow("paused");
  const changed = data.slice();
  changed[10] = changed[10]! ^ 1;
  const result = await clock.run(member(changed, { source: bytesSource(changed, "/another/place") }).result);
  expect(remote.objects.get("k")!.bytes).toEqual(changed);
  expect(result.size).toBe(30_000);
});

test("a solo caller meeting a crew is told so, and a member meeting a solo caller likewise", async () => {
  const data = bytes(30_000);
  let solo: Promise<unknown> | undefined;
  const meet: Layer = (inner) => ({
    ...slow(inner),
    async putPart(request, call) {
      solo ??= member(data, { crew: false }).result;
      await solo.catch(() => undefined);
      return inner.putPart(request, call);
    },
  });
  await clock.run(member(data, {}, [meet]).result);
  await expect(solo).rejects.toMatchObject({ code: "lease-held", message: expect.stringContaining("crew") });

  let late: Promise<unknown> | undefined;
  const wait: Layer = (inner) => ({
    ...slow(inner),
    async putPart(request, call) {
      late ??= member(data, { key: "other" }).result;
      await late.catch(() => undefined);
      return inner.putPart(request, call);
    },
  });
  await clock.run(member(data, { key: "other", crew: false }, [wait]).result);
  await expect(late).rejects.toMatchObject({ code: "lease-held" });
});

test("a store that lost the journal gets it back, and nothing the remote holds is sent again", async () => {
  const data = bytes(30_000);
  const memory = memoryStore({ clock });
  let current = memory;
  store = { ...store, name: "lossy", reach: "network", open: async (id) => lossy(id, () => current) };
  const crew = [member(data), member(data)];
  const work = clock.run(Promise.all(crew.map((each) => each.result)));
  await new Promise<void>((resolve) => {
    const look = () => ((remote.requests.get("putPart") ?? 0) >= 10 ? resolve() : void setImmediate(look));
    look();
  });
  current = memoryStore({ clock });
  await work;
  expect(remote.objects.get("k")!.bytes).toEqual(data);
  expect(remote.requests.get("openSession")).toBe(1);
  expect(remote.requests.get("putPart")).toBeLessThanOrEqual(30 + 6);
});

/** A journal whose store is replaced by an empty one under its hands; positions tell the two apart, as a store must. */
async function lossy(id: string, current: () => CheckpointStore): Promise<Journal> {
  const opened = new Map<CheckpointStore, { journal: Journal; name: string }>();
  const now = async () => {
    const at = current();
    const known = opened.get(at) ?? { journal: await at.open(id), name: at === first ? "a" : "b" };
    opened.set(at, known);
    return known;
  };
  const first = current();
  return {
    id,
    async read(from) {
      const { journal, name } = await now();
      const stale = from !== undefined && !from.startsWith(name);
      const page = await journal.read(stale ? undefined : from?.slice(1));
      return { ...page, position: `${name}${page.position}`, fromStart: stale || page.fromStart };
    },
    append: async (entries, lease, options) => (await now()).journal.append(entries, lease, options),
    replace: async (entries, lease) => (await now()).journal.replace(entries, lease),
    lease: async (name, ttl, holder) => (await now()).journal.lease(name, ttl, holder),
    leases: async (prefix) => (await now()).journal.leases(prefix),
    setAside: async (lease) => (await now()).journal.setAside(lease),
    drop: async (lease) => (await now()).journal.drop(lease),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
