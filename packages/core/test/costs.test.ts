import { aroundTransport, fakeClock, modelRemote } from "@partwise/testkit";
import { afterEach, expect, test, vi } from "vitest";
import type { Journal } from "../src/contract.js";
import { type CheckpointStore, createTransfers, memoryStore } from "../src/index.js";

const partSize = 100;
const limits = { partSize: { min: 100, max: 10_000 }, parts: 10_000, putObject: 100_000 };

/** What one upload costs, counted. */
interface Costs {
  requests: Record<string, number>;
  appends: number;
  entries: number;
  bytes: number;
  events: Record<string, number>;
  signals: number;
  sleeps: number;
}

afterEach(() => vi.unstubAllGlobals());

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

/** Counts what is appended to a store's journals. */
function counting(store: CheckpointStore, costs: Costs): CheckpointStore {
  const open = async (id: string): Promise<Journal> => {
    const journal = await store.open(id);
    const append: Journal["append"] = (entries, lease, options) => {
      costs.appends++;
      costs.entries += entries.length;
      costs.bytes += entries.reduce((sum: number, entry) => sum + JSON.stringify(entry).length, 0);
      return journal.append(entries, lease, options);
    };
    return new Proxy(journal, {
      get(target, name) {
        if (name === "append") return append;
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  };
  return { ...store, list: () => store.list(), prune: (options) => store.prune(options), open };
}

async function costsOf(parts: number): Promise<Costs> {
  const costs: Costs = { requests: {}, appends: 0, entries: 0, bytes: 0, events: {}, signals: 0, sleeps: 0 };
  const clock = fakeClock();
  const remote = modelRemote({ clock, limits });
  const transport = aroundTransport(remote.transport(), ({ verb }, run) => {
    count(costs.requests, verb);
    return run();
  });
  vi.stubGlobal(
    "AbortController",
    class extends AbortController {
      constructor() {
        super();
        costs.signals++;
      }
    },
  );
  const sleep = clock.sleep.bind(clock);
  vi.spyOn(clock, "sleep").mockImplementation((ms, signal) => {
    costs.sleeps++;
    return sleep(ms, signal);
  });
  const store = counting(memoryStore({ clock }), costs);
  const transfers = createTransfers({ transport, store, clock, concurrency: 4 });
  const source = Uint8Array.from({ length: parts * partSize }, (_, at) => at % 251);
  const onEvent = ({ type }: { type: string }) => count(costs.events, type);
  await clock.run(transfers.upload({ source, key: "k", partSize, threshold: 1, onEvent }));
  vi.unstubAllGlobals();
  return costs;
}

test("no part costs more among 10,000 than among 100", async () => {
  const few = await costsOf(100);
  const many = await costsOf(10_000);

  const { putPart: fewParts, ...fewOther } = few.requests;
  const { putPart: manyParts, ...manyOther } = many.requests;
  expect(fewParts).toBe(100);
  expect(manyParts).toBe(10_000);
  // Listings, looks, opening and completing do not know how many parts there are.
  expect(manyOther).toEqual(fewOther);

  // One receipt for each part, its number a few digits longer.
  expect(many.entries - few.entries).toBe(9_900);
  expect(many.appends - few.appends).toBe(9_900);
  const perPart = (many.bytes - few.bytes) / 9_900;
  expect(perPart).toBeGreaterThan(50);
  expect(perPart * 100).toBeGreaterThan(few.bytes * 0.5);
  expect(perPart * 100).toBeLessThan(few.bytes * 1.1);

  expect(many.events["part.started"]).toBe(10_000);
  expect(many.events["part.stored"]).toBe(10_000);
  expect(few.events["part.started"]).toBe(100);

  const each = (few: number, many: number) => (many - few) / 9_900;
  expect(each(few.signals, many.signals)).toBeLessThanOrEqual(few.signals / 100);
  expect(each(few.sleeps, many.sleeps)).toBeLessThanOrEqual(few.sleeps / 100);
});
