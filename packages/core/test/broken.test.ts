import { type FakeClock, fakeClock, type ModelRemote, modelRemote } from "@partwise/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import type { JsonValue } from "../src/contract.js";
import {
  type CheckpointStore,
  createTransfers,
  memoryStore,
  TransferError,
  type TransferEvent,
  type TransfersOptions,
  type UploadRequest,
} from "../src/index.js";

// What once broke, as a user or an attacker would meet it.

const partSize = 1000;
const limits = { partSize: { min: 100, max: 10_000 }, parts: 10_000, putObject: 100_000 };
const data = new Uint8Array(5_500).fill(7);

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

function transfers(more: Partial<TransfersOptions> = {}) {
  return createTransfers({ transport: remote.transport(), store, clock, concurrency: 3, ...more });
}

function upload(more: Partial<UploadRequest> = {}, options: Partial<TransfersOptions> = {}) {
  const onEvent = (event: TransferEvent) => void events.push(event);
  const request = { source: data, key: "k", partSize, threshold: 2000, onEvent, ...more };
  return clock.run(transfers(options).upload(request));
}

async function writeJournal(id: string, entry: JsonValue): Promise<void> {
  await using journal = await store.open(id);
  const lease = await journal.lease("transfer", 60_000);
  await journal.append([entry], lease);
  await lease.release();
}

describe("a damaged journal", () => {
  test("is told of once, in sentences that agree with each other", async () => {
    await writeJournal(await transfers().idOf("k"), { nonsense: 1 });
    const error: Error = await upload().catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "checkpoint-unreadable" });
    expect(error.message.match(/cannot be read/g)).toHaveLength(1);
    expect(error.message).toMatch(/planned\. It was set aside at \S+; the next run starts anew\.$/);
    expect(error.message).not.toMatch(/left as it is|\.\./);
  });

  test("is set aside by discarding too, so that it does not stay for ever", async () => {
    await writeJournal(await transfers().idOf("k"), { nonsense: 1 });
    const discard = () => clock.run(transfers().discard({ key: "k" }));
    await expect(discard()).rejects.toMatchObject({
      code: "checkpoint-unreadable",
      details: { keptAt: expect.any(String) },
    });
    await expect(discard()).rejects.toMatchObject({ code: "not-found" });
  });
});

test("one journal of a newer version does not hide all other transfers from list", async () => {
  await writeJournal("bad", { nonsense: 1 });
  await upload();
  const inner = store;
  const picky: CheckpointStore = {
    ...inner,
    async open(id) {
      const journal = await inner.open(id);
      if (id !== "bad") return journal;
      const refuse = async () => {
        throw new TransferError("checkpoint-too-new", "newer", { details: { id, version: 9 } });
      };
      return Object.assign(Object.create(journal), { read: refuse, leases: refuse });
    },
  };
  const states: string[] = [];
  for await (const { state } of transfers({ store: picky }).list()) states.push(state);
  expect(states.sort()).toEqual(["sealed", "unreadable"]);
});
