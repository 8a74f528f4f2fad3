import type { Body } from "@partwise/core/contract";
import {
  aroundTransport,
  beginLife,
  type Death,
  type FakeClock,
  type FaultScript,
  fakeClock,
  faultScript,
  faultyTransport,
  type Life,
  type LifeEnd,
  type ModelRemote,
  modelRemote,
} from "@partwise/testkit";
import {
  bytesSource,
  type CheckpointStore,
  createTransfers,
  memoryStore,
  type TransferEvent,
  type Transfers,
  type TransfersOptions,
  type UploadRequest,
  type UploadResult,
} from "../../../src/index.js";
export const partSize = 1000;
export const leaseTtl = 10_000;
const limits = { partSize: { min: 100, max: 10_000 }, parts: 100, putObject: 100_000 };

/** What survives the processes: a remote, a store, and time. */
export interface World {
  readonly clock: FakeClock;
  readonly remote: ModelRemote;
  readonly events: TransferEvent[];
  /** What is to go wrong with requests. */
  readonly faults: FaultScript;
  store: CheckpointStore;
}

/** @param shared The store is one that other machines see. */
export function makeWorld({ shared = false, seed = 1 } = {}): World {
  const clock = fakeClock({ seed });
  const memory = memoryStore({ clock });
  return {
    clock,
    remote: modelRemote({ clock, limits, pageSize: 2 }),
    events: [],
    store: shared ? asShared(memory) : memory,
    faults: faultScript(),
  };
}

/** All handles of one memory store share its journals, as handles of a network store do. */
export function asShared(memory: CheckpointStore): CheckpointStore {
  return {
    name: "shared",
    reach: "network",
    durability: memory.durability,
    open: (id) => memory.open(id),
    list: () => memory.list(),
    prune: (options) => memory.prune(options),
    close: () => memory.close(),
  };
}

/** A body that rests for `ms` milliseconds when half of it is sent. */
function slowly(clock: FakeClock, body: Body, ms: number): Body {
  return {
    size: body.size,
    checksum: (kind) => body.checksum(kind),
    async *open(options) {
      for await (const bytes of body.open(options)) {
        const half = Math.ceil(bytes.length / 2);
        yield bytes.subarray(0, half);
        await clock.sleep(ms, options?.signal);
        yield bytes.subarray(half);
      }
    },
  };
}

/** The transfers of one life. Parts take a while, so that several are under way when it ends. */
export function transfersOf(world: World, life?: Life, more: Partial<TransfersOptions> = {}): Transfers {
  const { clock, remote, faults } = world;
  const slow = aroundTransport(remote.transport(), (call, run) =>
    call.verb === "putPart" ? run({ body: slowly(clock, call.body!, 10 * call.number!) }) : run(),
  );
  const transport = faultyTransport(slow, faults.pick, clock);
  return createTransfers({
    transport: life ? life.transport(transport) : transport,
    store: life ? life.store(world.store) : world.store,
    clock: life ? life.clock(clock) : clock,
    concurrency: 2,
    leaseTtl,
    ...more,
  });
}

/** Uploads `data` to the key `k`, from a place of its own name. */
export function uploadOf(
  world: World,
  data: Uint8Array,
  more: Partial<UploadRequest> = {},
): (transfers: Transfers) => Promise<UploadResult> {
  return (transfers) =>
    transfers.upload({
      source: bytesSource(data, "/the/file"),
      key: "k",
      partSize,
      threshold: 0,
      onEvent: (event) => world.events.push(event),
      ...more,
    });
}

/** Runs work in a life that may die; time passes until it has worked or died. */
export async function live<T>(
  world: World,
  death: Death | undefined,
  work: (transfers: Transfers) => Promise<T>,
  more?: Partial<TransfersOptions>,
): Promise<{ readonly life: Life; readonly end: LifeEnd<T> }> {
  const life = beginLife(death);
  const end = await world.clock.run(life.until(work(transfersOf(world, life, more))));
  return { life, end };
}

/** Uploads until `parts` parts are stored, then pauses. */
export async function pauseAfter(
  world: World,
  parts: number,
  data: Uint8Array,
  more: Partial<UploadRequest> = {},
) {
  const stop = new AbortController();
  const paused = new Error("paused");
  let stored = 0;
  const onEvent = (event: TransferEvent) => {
    if (event.type === "part.stored" && ++stored === parts) stop.abort(paused);
  };
  const work = uploadOf(world, data, { signal: stop.signal, onEvent, ...more })(transfersOf(world));
  const reason = await world.clock.run(work.catch((error: unknown) => error));
  if (reason !== paused) throw new Error("the upload ended before it was paused", { cause: reason });
}

interface RawEntry {
  readonly type: string;
  readonly epoch: number;
  readonly session?: { readonly id: string };
  readonly receipt?: { readonly number: number; readonly tag: string };
}

/** What a journal holds: entries by type, sessions that entries name, the one opened last, receipts, and leases. */
export async function readJournal(store: CheckpointStore, id: string) {
  await using journal = await store.open(id);
  const { entries } = await journal.read();
  const named = new Set<string>();
  const types: string[] = [];
  const receipts: { session: string; number: number; tag: string }[] = [];
  const sessions = new Map<number, string>();
  for (const entry of entries as unknown as readonly RawEntry[]) {
    types.push(entry.type);
    if (entry.session) named.add(entry.session.id);
    if (entry.type === "opened") sessions.set(entry.epoch, entry.session!.id);
    if (entry.type === "stored") receipts.push({ session: sessions.get(entry.epoch)!, ...entry.receipt! });
  }
  const leases = (await journal.leases("")).map((lease) => lease.name);
  return { types, named, receipts, leases, current: [...sessions.values()].at(-1) };
}
