import {
  aroundStore,
  aroundTransport,
  type FakeClock,
  fakeClock,
  type ModelRemote,
  modelRemote,
} from "@partwise/testkit";
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

describe("an object that may not be replaced", () => {
  const ifAbsent = { object: { ifAbsent: true } };

  test("is found before anything is sent when going on, too", async () => {
    const refused = aroundTransport(remote.transport(), (call, run) => {
      if (call.verb === "putPart" && call.number === 3) throw new TransferError("denied", "not this one");
      return run();
    });
    await expect(upload(ifAbsent, { transport: refused, concurrency: 1 })).rejects.toThrow("not this one");
    await clock.run(transfers().upload({ source: new Uint8Array(9), key: "k", id: "other" }));
    const sent = remote.received;
    await expect(upload(ifAbsent)).rejects.toMatchObject({ code: "already-exists" });
    expect(remote.received).toBe(sent);
  });

  test("is not found in our own object, whose answer was lost and whose parts may not be listed", async () => {
    const dying = aroundTransport(remote.transport(), async (call, run) => {
      const answer = await run();
      if (call.verb === "completeSession") throw new TransferError("denied", "died", { outcome: "applied" });
      return answer;
    });
    await expect(upload(ifAbsent, { transport: dying })).rejects.toThrow("died");
    const writeOnly = aroundTransport(remote.transport(), (call, run) => {
      if (call.verb === "listParts") throw new TransferError("denied", "no listing");
      return run();
    });
    expect(await upload(ifAbsent, { transport: writeOnly })).toMatchObject({ outcome: "proven" });
  });
});

test("a transfer that never opened a session keeps nobody else from the key", async () => {
  const refused = aroundTransport(remote.transport(), (call, run) => {
    if (call.verb === "openSession") throw new TransferError("denied", "wrong secret");
    return run();
  });
  await expect(upload({}, { transport: refused })).rejects.toThrow("wrong secret");
  const other = await upload({ source: data.subarray(0, 4_000) });
  expect(other).toMatchObject({ size: 4_000, outcome: "sent" });
  await expect(upload({}, { transport: refused })).rejects.toThrow("wrong secret");
  expect(await upload({ source: data.subarray(0, 100) })).toMatchObject({ size: 100, outcome: "sent" });
});

describe("giving up", () => {
  const failing = (retryAfter: number) =>
    aroundTransport(remote.transport(), async () => {
      throw new TransferError("rate-limited", "Slow down.", { details: { retryAfter } });
    });

  test("because the remote asks for more patience than there is says so", async () => {
    const error: Error = await upload({}, { transport: failing(3_600_000) }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "rate-limited", retryable: false });
    expect(error.message).toBe(
      "Gave up: the remote asks to wait 60 minutes, longer than 15 minutes without progress may last. Slow down. Nothing is lost: the same again goes on.",
    );
  });

  test("tells the time that passed, one second too", async () => {
    const giveUpAfter = 1_000;
    const error: Error = await upload({ giveUpAfter }, { transport: failing(0) }).catch((thrown) => thrown);
    expect(error.message).toMatch(/^Gave up after 1 second without progress\. /);
  });
});

describe("callers of one process", () => {
  test("share a run although another source was refused the same key in between", async () => {
    const shared = transfers();
    const request = { key: "k", partSize, threshold: 2000 };
    const calls = [data, new Uint8Array(5_500), data].map((source) => shared.upload({ ...request, source }));
    const ends = await clock.run(Promise.allSettled(calls));
    expect(ends).toMatchObject([
      { status: "fulfilled" },
      { reason: { code: "lease-held" } },
      { status: "fulfilled" },
    ]);
  });

  test("may ask again before the run they aborted has settled", async () => {
    const transport = aroundTransport(remote.transport(), async (call, run) => {
      if (call.verb === "putPart") await clock.sleep(1_500);
      return run();
    });
    const shared = transfers({ transport });
    const request = { source: data, key: "k", partSize, threshold: 2000 };
    const pause = new AbortController();
    const paused = shared.upload({ ...request, signal: pause.signal }).catch((error: Error) => error.message);
    await clock.advance(100);
    pause.abort(new Error("pause"));
    const again = shared.upload(request);
    expect(await clock.run(Promise.all([paused, again]))).toMatchObject(["pause", { resumedBytes: 3_000 }]);
  });
});

describe("a transfer in other hands", () => {
  const held = async () => {
    const journal = await store.open(await transfers().idOf("k"));
    return journal.lease("transfer", 20_000, "process 7");
  };

  test("is named as the user names it", async () => {
    await held();
    await expect(upload()).rejects.toMatchObject({
      code: "lease-held",
      message:
        "process 7 is at work on model://bucket/k, for another 20 s unless it goes on renewing. Wait until it has finished, or stop it.",
      details: { lease: "transfer", holder: "process 7" },
    });
  });

  test("is not held on to when the store fails right after its lease was taken", async () => {
    let fails = true;
    const failing = aroundStore(store, async (call, run) => {
      if (call.verb === "leases" && fails) {
        fails = false;
        throw new TransferError("store-unavailable", "away");
      }
      return run();
    });
    await expect(upload({}, { store: failing })).rejects.toThrow("away");
    expect(await upload({}, { store: failing })).toMatchObject({ outcome: "sent" });
  });
});

test("discarding what the store does not know names what was asked for", async () => {
  await expect(transfers().discard({ key: "typo" })).rejects.toThrow(
    /knows no transfer to model:\/\/bucket\/typo;/,
  );
  await expect(transfers().discard({ id: "abc" })).rejects.toThrow(/knows no transfer abc;/);
});
