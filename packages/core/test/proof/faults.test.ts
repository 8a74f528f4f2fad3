import {
  aroundStore,
  aroundTransport,
  crc64,
  faultyStore,
  passingErrors,
  seededRandom,
  type TransportCall,
} from "@partwise/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import {
  bytesSource,
  type Layer,
  TransferError,
  type TransferEvent,
  type TransfersOptions,
  type UploadRequest,
} from "../../src/index.js";
import { bytesOf, changedAt, sameBytes } from "./helpers/data.js";
import { expectOnPage, table } from "./helpers/page.js";
import { SimFile } from "./helpers/sim/file.js";
import {
  leaseTtl,
  makeWorld,
  pauseAfter,
  readJournal,
  transfersOf,
  uploadOf,
  type World,
} from "./helpers/world.js";

const data = bytesOf(5_500);
/** Too few parts for a slow one to be sent twice beside itself. */
const short = data.slice(0, 2_500);
const told: { rule: string; fault: string; outcome: string }[] = [];

let world: World;
beforeEach(() => {
  world = makeWorld();
});

/** One rule's fault as a test, and as a line of docs/reliability.md. */
function fault(rule: string, what: string, outcome: string, prove: () => Promise<void>): void {
  told.push({ rule, fault: what, outcome });
  test(`${what}: ${outcome}`, prove);
}

function upload(
  bytes: Uint8Array = data,
  more: Partial<UploadRequest> = {},
  options: Partial<TransfersOptions> = {},
) {
  return world.clock.run(uploadOf(world, bytes, more)(transfersOf(world, undefined, options)), {
    within: 3_600_000,
  });
}

/** Puts a function around every request. */
function around(change: Parameters<typeof aroundTransport>[1]): Layer {
  return (inner) => aroundTransport(inner, change);
}

function refusing(verbs: readonly string[], error: () => TransferError): Layer {
  return around((call, run) => (verbs.includes(call.verb) ? Promise.reject(error()) : run()));
}

const denied = () =>
  new TransferError("denied", "The credentials may not do that.", { details: { status: 403 } });
const object = () => world.remote.objects.get("k");
const sent = (number: number) =>
  world.remote.applied.filter((each) => each.verb === "putPart" && each.number === number);
const applied = (verb: string) => world.remote.applied.filter((each) => each.verb === verb);
const heard = <T extends TransferEvent["type"]>(type: T) =>
  world.events.filter((event) => event.type === type) as Extract<TransferEvent, { type: T }>[];
const journal = async () => readJournal(world.store, await transfersOf(world).idOf("k"));
const completing = (call: TransportCall) => call.verb === "completeSession";

/** Somebody else's object at the key. */
async function putOther(bytes: Uint8Array): Promise<void> {
  const body = {
    size: bytes.length,
    async *open() {
      yield bytes;
    },
    checksum: async () => ({ kind: "crc64ecma" as const, value: crc64(bytes) }),
  };
  await world.remote.transport().putObject({ key: "k", body }, { signal: new AbortController().signal });
}

describe("what is meant (rules 3 and 5)", () => {
  fault("3", "another part size is asked for half-way", "the stored plan goes on", async () => {
    await pauseAfter(world, 2, data);
    await upload(data, { partSize: 2_000 });
    expect(applied("openSession")).toHaveLength(1);
    expect(applied("putPart")).toHaveLength(6);
  });

  fault(
    "3",
    "other metadata is asked for half-way",
    "a new session, with an event; the old one is aborted",
    async () => {
      await pauseAfter(world, 2, data);
      await upload(data, { object: { metadata: { a: "b" } } });
      expect(heard("session.superseded")).toMatchObject([{ reason: "options" }]);
      expect(object()?.options.metadata).toEqual({ a: "b" });
      expect(world.remote.leftovers()).toEqual([]);
    },
  );

  fault(
    "3",
    "another ACL is asked for half-way",
    "the session goes on: it belongs to the completing request",
    async () => {
      await pauseAfter(world, 2, data);
      await upload(data, { object: { acl: "private" } });
      expect(applied("openSession")).toHaveLength(1);
    },
  );

  fault("5", "another size at the same path", "a new session, with an event", async () => {
    await pauseAfter(world, 2, data);
    await upload(data.slice(0, 4_000));
    expect(heard("session.superseded")).toMatchObject([{ reason: "source-size" }]);
    expect(object()?.bytes.length).toBe(4_000);
  });

  fault(
    "5",
    "another size from another path",
    "`source-changed`; nothing of the old one is thrown away",
    async () => {
      await pauseAfter(world, 2, data);
      const other = { source: bytesSource(data.slice(0, 4_000), "/another") };
      await expect(upload(data, other)).rejects.toMatchObject({ code: "source-changed" });
      expect(world.remote.leftovers()[0]?.parts.size).toBeGreaterThanOrEqual(2);
    },
  );

  fault("5", "another size from another path, with `restart`", "a new session", async () => {
    await pauseAfter(world, 2, data);
    await upload(data, { source: bytesSource(data.slice(0, 4_000), "/another"), restart: true });
    expect(heard("session.superseded")).toMatchObject([{ reason: "restart" }]);
    expect(world.remote.leftovers()).toEqual([]);
  });

  fault(
    "5",
    "the same size, one byte changed",
    "the plan goes on under proof; only that part is sent again",
    async () => {
      await pauseAfter(world, 3, data);
      const changed = changedAt(data, 1_500);
      await upload(changed);
      expect(sameBytes(object()?.bytes, changed)).toBe(true);
      expect(sent(2)).toHaveLength(2);
      expect(applied("putPart")).toHaveLength(7);
    },
  );

  fault(
    "5",
    "the source is written to while it is read",
    "`source-changed`, nothing is completed; the next run mends it",
    async () => {
      const file = new SimFile("/the/file", 5_500, seededRandom(1));
      const onEvent = (event: TransferEvent) => {
        if (event.type === "part.stored" && file.contents.length === 1) file.write(5_500);
      };
      await expect(upload(data, { source: file.opener(), onEvent })).rejects.toMatchObject({
        code: "source-changed",
      });
      expect(object()).toBeUndefined();
      await upload(data, { source: file.opener() });
      expect(sameBytes(object()?.bytes, file.bytes)).toBe(true);
      expect(applied("openSession")).toHaveLength(1);
    },
  );

  fault(
    "5",
    "the source is written to after its last part, before sealing",
    "`source-changed`, nothing is completed",
    async () => {
      const file = new SimFile("/the/file", 5_500, seededRandom(1));
      let stored = 0;
      const onEvent = (event: TransferEvent) => {
        if (event.type === "part.stored" && ++stored === 6) file.write(5_500);
      };
      await expect(upload(data, { source: file.opener(), onEvent })).rejects.toMatchObject({
        code: "source-changed",
      });
      expect(applied("completeSession")).toHaveLength(0);
    },
  );

  fault(
    "5",
    "the source is touched while it is read",
    "every part is compared again; nothing is sent twice",
    async () => {
      const file = new SimFile("/the/file", 5_500, seededRandom(1));
      let stored = 0;
      const onEvent = (event: TransferEvent) => {
        world.events.push(event);
        if (event.type === "part.stored" && ++stored === 3) file.touch();
      };
      await upload(data, { source: file.opener(), onEvent });
      expect(heard("part.proven")).toHaveLength(6);
      expect(applied("putPart")).toHaveLength(6);
    },
  );
});

describe("proof (rules 2 and 4)", () => {
  fault("4", "going on by checksum", "every listed part is read again and compared", async () => {
    await pauseAfter(world, 3, data);
    const found = world.remote.leftovers()[0]!.parts.size;
    await upload();
    expect(heard("part.proven")).toHaveLength(found);
  });

  fault("4", "going on by fingerprint", "what has its receipt is not read again", async () => {
    await pauseAfter(world, 3, data);
    await upload(data, { verify: "fingerprint" });
    expect(heard("part.proven")).toEqual([]);
    expect(applied("putPart")).toHaveLength(6);
  });

  fault(
    "4",
    "going on by fingerprint with another fingerprint",
    "receipts do not count; parts are read again",
    async () => {
      await pauseAfter(world, 3, data);
      const changed = changedAt(data, 10);
      await upload(changed, { verify: "fingerprint" });
      expect(sameBytes(object()?.bytes, changed)).toBe(true);
    },
  );

  fault("2", "a part vanished from the remote though its receipt is there", "it is sent again", async () => {
    await pauseAfter(world, 3, data);
    const session = world.remote.leftovers()[0]!;
    session.parts.delete([...session.parts.keys()][0]!);
    await upload(data, { verify: "fingerprint" });
    expect(sameBytes(object()?.bytes, data)).toBe(true);
    expect(world.remote.requests.get("completeSession")).toBe(1);
  });

  fault("4", "a byte of a part changes on the way", "seen by its checksum; sent again", async () => {
    world.faults.next((call) => call.number === 2, { kind: "corrupt" });
    expect(await upload()).toMatchObject({ outcome: "sent", wastedBytes: 1_000 });
    expect(heard("part.retried")).toMatchObject([{ number: 2, code: "part-corrupt" }]);
  });

  fault("4", "a part is damaged three times in a row", "`part-corrupt`; nothing is completed", async () => {
    for (let time = 0; time < 3; time++) world.faults.next((call) => call.number === 2, { kind: "corrupt" });
    await expect(upload()).rejects.toMatchObject({ code: "part-corrupt", retryable: false });
    expect(applied("completeSession")).toHaveLength(0);
    expect(await upload()).toMatchObject({ outcome: "sent" });
  });

  fault(
    "7",
    "the remote damages the object",
    "`object-mismatch`, saying that the bad object is live; the next run replaces it",
    async () => {
      const damage = around(async (call, run) => {
        const answer = await run();
        if (!completing(call)) return answer;
        return { ...answer, checksum: { kind: "crc64ecma", value: "1" } };
      });
      await expect(upload(data, {}, { layers: [damage] })).rejects.toMatchObject({
        code: "object-mismatch",
        outcome: "applied",
        message: expect.stringContaining("live"),
      });
      expect((await journal()).types).toContain("sealing");
    },
  );
});

describe("sealing (rules 6 and 7)", () => {
  const lose = () => world.faults.next("completeSession", { kind: "lose" });

  fault(
    "6",
    "a part is replaced behind our back before sealing",
    "`InvalidPart` is mended: listed again, sent again, completed",
    async () => {
      const spoil = around(async (call, run) => {
        if (completing(call) && sent(2).length === 1) await overwrite(2, bytesOf(1_000, 9));
        return run();
      });
      expect(await upload(data, {}, { layers: [spoil] })).toMatchObject({ outcome: "sent" });
      expect(sameBytes(object()?.bytes, data)).toBe(true);
    },
  );

  fault("6", "parts are replaced again and again", "mended three times, then `part-refused`", async () => {
    let times = 0;
    const spoil = around(async (call, run) => {
      if (completing(call)) await overwrite(2, bytesOf(1_000, 9 + times++));
      return run();
    });
    await expect(upload(data, {}, { layers: [spoil] })).rejects.toMatchObject({ code: "part-refused" });
    expect(times).toBe(4);
    expect(object()).toBeUndefined();
  });

  fault(
    "6",
    "a foreign part beyond the plan lies in the session",
    "it is not in the object: completed by the plan's list",
    async () => {
      const add = around(async (call, run) => {
        if (call.number === 6) await overwrite(7, bytesOf(500, 9));
        return run();
      });
      await upload(data, {}, { layers: [add] });
      expect(sameBytes(object()?.bytes, data)).toBe(true);
    },
  );

  fault(
    "7",
    "the answer to completing is lost, and it was applied",
    "proven by the object; completed once",
    async () => {
      lose();
      expect(await upload()).toMatchObject({ outcome: "proven", checksum: { value: crc64(data) } });
      expect(applied("completeSession")).toHaveLength(1);
    },
  );

  fault(
    "7",
    "the answer to completing is lost, and it was not applied",
    "the session is still there: completed again",
    async () => {
      world.faults.next("completeSession", { kind: "refuse", error: passingErrors.timedOut() });
      expect(await upload()).toMatchObject({ outcome: "sent" });
      expect(applied("putPart")).toHaveLength(6);
    },
  );

  fault(
    "7",
    "the session is gone and an older identical object is there",
    "not ours: a new session",
    async () => {
      await putOther(data);
      await world.clock.advance(60_000);
      const vanish = around(async (call, run) => {
        if (completing(call) && applied("openSession").length === 1) {
          for (const session of world.remote.sessions.values()) session.state = "aborted";
          for (const session of world.remote.sessions.values()) session.parts.clear();
        }
        return run();
      });
      expect(await upload(data, {}, { layers: [vanish] })).toMatchObject({ outcome: "sent" });
      expect(heard("session.superseded")).toMatchObject([{ reason: "session-gone" }]);
      expect(applied("completeSession")).toHaveLength(1);
    },
  );

  fault(
    "7",
    "the answer is lost and another writer replaced the object",
    "not ours: a new session, and the object is ours in the end",
    async () => {
      lose();
      const replace = around(async (call, run) => {
        if (call.verb === "findObject" && applied("completeSession").length === 1)
          await putOther(bytesOf(5_500, 9));
        return run();
      });
      await upload(data, {}, { layers: [replace] });
      expect(sameBytes(object()?.bytes, data)).toBe(true);
    },
  );

  fault(
    "7",
    "another writer replaces the object right after completing, and the answer named no checksum",
    "success, reported as overwritten",
    async () => {
      const replace = around(async (call, run) => {
        const answer = await run();
        if (!completing(call)) return answer;
        await putOther(bytesOf(10, 9));
        const { checksum, ...rest } = answer as typeof answer & { checksum?: unknown };
        return rest as typeof answer;
      });
      expect(await upload(data, {}, { layers: [replace] })).toMatchObject({
        outcome: "sent",
        overwritten: true,
      });
    },
  );

  fault("7", "`ifAbsent` is refused after our own success whose answer was lost", "proven ours", async () => {
    lose();
    const refuse = around(async (call, run) => {
      try {
        return await run();
      } catch (error) {
        if (completing(call) && (error as TransferError).code === "session-gone")
          throw new TransferError("already-exists", "k exists and was not replaced.");
        throw error;
      }
    });
    const away = around((call, run) => {
      // The session seems to be there still, so that completing is tried again.
      if (call.verb === "listParts" && applied("completeSession").length === 1)
        return Promise.resolve({ done: true, value: undefined }) as ReturnType<typeof run>;
      return run();
    });
    expect(await upload(data, { object: { ifAbsent: true } }, { layers: [refuse, away] })).toMatchObject({
      outcome: "proven",
    });
  });

  fault("7", "`ifAbsent` is refused, and the object is another's", "`already-exists`", async () => {
    await putOther(bytesOf(5_500, 9));
    await expect(upload(data, { object: { ifAbsent: true } })).rejects.toMatchObject({
      code: "already-exists",
    });
  });

  fault("7", "a small object's answer is lost, with `ifAbsent`", "proven ours, put once", async () => {
    world.faults.next("putObject", { kind: "lose" });
    const small = data.slice(0, 500);
    expect(await upload(small, { threshold: 1_000, object: { ifAbsent: true } })).toMatchObject({
      outcome: "proven",
    });
    expect(applied("putObject")).toHaveLength(1);
  });
});

/** Holds back whoever waits, until it is lifted. */
function makeGate(): { readonly open: Promise<void>; lift(): void } {
  let lift = () => {};
  const open = new Promise<void>((resolve) => {
    lift = resolve;
  });
  return { open, lift: () => lift() };
}

async function overwrite(number: number, bytes: Uint8Array): Promise<void> {
  const { key, id } = world.remote.leftovers()[0]!;
  const body = {
    size: bytes.length,
    async *open() {
      yield bytes;
    },
    checksum: async () => ({ kind: "crc64ecma" as const, value: crc64(bytes) }),
  };
  const call = { signal: new AbortController().signal };
  await world.remote.transport().putPart({ session: { key, id }, number, body }, call);
}

describe("the tombstone (rule 8)", () => {
  fault("8", "the same again", "resolves with what is there, sends nothing", async () => {
    await upload();
    const before = world.remote.received;
    expect(await upload()).toMatchObject({ outcome: "found", sentBytes: 0 });
    expect(world.remote.received).toBe(before);
  });

  fault("8", "the same again, but the object was deleted", "sent again", async () => {
    await upload();
    world.remote.objects.delete("k");
    expect(await upload()).toMatchObject({ outcome: "sent" });
  });

  fault("8", "the same again with other options", "sent again", async () => {
    await upload();
    expect(await upload(data, { object: { metadata: { a: "b" } } })).toMatchObject({ outcome: "sent" });
  });

  fault("8", "the same size with another byte", "sent again", async () => {
    await upload();
    expect(await upload(changedAt(data, 10))).toMatchObject({ outcome: "sent" });
  });

  fault("8", "the same again after more than a day", "sent again", async () => {
    await upload();
    await world.clock.advance(25 * 3_600_000);
    expect(await upload()).toMatchObject({ outcome: "sent" });
  });

  fault(
    "8",
    "the same again with credentials that may not look",
    "sent again, not stuck for a day",
    async () => {
      await upload();
      const blind = refusing(["findObject", "listParts"], denied);
      expect(await upload(data, {}, { layers: [blind] })).toMatchObject({ outcome: "sent" });
    },
  );

  fault(
    "10",
    "a superseded session could not be aborted",
    "told of, and aborted by the next run, though that sends nothing",
    async () => {
      await pauseAfter(world, 2, data);
      const other = { object: { metadata: { a: "b" } } };
      await upload(data, other, { layers: [refusing(["abortSession"], denied)] });
      expect(heard("transfer.warned")).toHaveLength(1);
      expect(world.remote.leftovers()).toHaveLength(1);
      expect(await upload(data, other)).toMatchObject({ outcome: "found" });
      expect(world.remote.leftovers()).toEqual([]);
      expect((await journal()).types).toEqual(["sealed"]);
    },
  );
});

describe("sessions and failures (rules 9, 10 and 11)", () => {
  fault(
    "9",
    "the session vanishes between two parts",
    "a new session, with an event; the object is right",
    async () => {
      const vanish = around(async (call, run) => {
        if (call.verb === "putPart" && call.number === 4 && applied("openSession").length === 1)
          world.remote.sessions.get("session-1")!.state = "completed";
        return run();
      });
      expect(await upload(data, {}, { layers: [vanish] })).toMatchObject({ outcome: "sent" });
      expect(heard("session.superseded")).toMatchObject([{ reason: "session-gone" }]);
    },
  );

  fault("9", "every session vanishes", "`session-gone` after four sessions, never for ever", async () => {
    const vanish = around(async (call, run) => {
      if (call.verb === "putPart")
        for (const each of world.remote.sessions.values()) each.state = "completed";
      return run();
    });
    await expect(upload(data, {}, { layers: [vanish] })).rejects.toMatchObject({ code: "session-gone" });
    expect(applied("openSession")).toHaveLength(4);
  });

  fault(
    "10",
    "a part is refused for good",
    "the call fails; session and parts stay, the next run goes on",
    async () => {
      const refuse = around((call, run) =>
        call.number === 4 ? Promise.reject(new TransferError("rejected", "No.")) : run(),
      );
      await expect(upload(data, {}, { layers: [refuse] })).rejects.toMatchObject({ code: "rejected" });
      expect(applied("abortSession")).toEqual([]);
      const there = world.remote.leftovers()[0]!.parts.size;
      expect(there).toBeGreaterThan(0);
      expect(await upload()).toMatchObject({ resumedBytes: there * 1_000 });
    },
  );

  fault(
    "11",
    "cancelled while parts hang",
    "attempts end after 2 s; nothing is in flight when it settles",
    async () => {
      const stop = new AbortController();
      let flying = 0;
      const hang = around(async (call, run) => {
        if (call.verb !== "putPart") return run();
        flying++;
        try {
          return await new Promise<never>((_, reject) =>
            call.signal.addEventListener("abort", () => reject(call.signal.reason)),
          );
        } finally {
          flying--;
        }
      });
      const work = uploadOf(world, data, { signal: stop.signal })(
        transfersOf(world, undefined, { layers: [hang] }),
      );
      work.catch(() => {});
      await world.clock.advance(1_000);
      expect(flying).toBe(2);
      stop.abort(new Error("enough"));
      const at = world.clock.now();
      await expect(world.clock.run(work)).rejects.toThrow("enough");
      expect(flying).toBe(0);
      expect(world.clock.now() - at).toBe(2_000);
      expect((await journal()).leases).toEqual([]);
    },
  );

  fault("11", "cancelled while parts are nearly there", "what ends within 2 s counts", async () => {
    const stop = new AbortController();
    const work = uploadOf(world, data, { signal: stop.signal })(transfersOf(world));
    work.catch(() => {});
    await world.clock.advance(5);
    stop.abort(new Error("enough"));
    await expect(world.clock.run(work)).rejects.toThrow("enough");
    expect((await journal()).types.filter((type) => type === "stored")).toHaveLength(2);
  });
});

describe("holders and stores (rules 12 and 13)", () => {
  for (const changed of [false, true]) {
    const what = changed ? "with other bytes" : "with the same bytes";
    fault(
      "12",
      `a holder sleeps over its lease, and another goes on ${what}`,
      "the sleeper stops; the object is the successor's",
      async () => {
        const gate = makeGate();
        const sleep = around(async (call, run) => {
          if (call.number === 3) await gate.open;
          return run();
        });
        const paused = { name: "" };
        const frozen = aroundStore(world.store, async (call, run) => {
          if (paused.name && call.verb === "renew") await gate.open;
          return run();
        });
        const sleeper = uploadOf(
          world,
          data,
        )(transfersOf(world, undefined, { layers: [sleep], store: frozen, stallAfter: 80_000_000 }));
        sleeper.catch(() => {});
        await world.clock.advance(100);
        paused.name = "asleep";
        await world.clock.advance(leaseTtl + 4_000);
        const mine = changed ? changedAt(data, 100) : data;
        await upload(mine);
        gate.lift();
        await expect(world.clock.run(sleeper)).rejects.toMatchObject({ code: "lease-lost" });
        expect(sameBytes(object()?.bytes, mine)).toBe(true);
        expect(applied("completeSession")).toHaveLength(1);
        expect((await journal()).types).toEqual(["sealed"]);
      },
    );
  }

  fault(
    "13",
    "the store is away for 30 s",
    "parts go on; opening and sealing wait; told when it goes and comes",
    async () => {
      let awayUntil = 0;
      const { clock } = world;
      const store = faultyStore(
        world.store,
        () => (clock.now() < awayUntil ? { kind: "refuse" } : undefined),
        clock,
      );
      const onEvent = (event: TransferEvent) => {
        world.events.push(event);
        if (event.type === "part.stored" && awayUntil === 0) awayUntil = clock.now() + 30_000;
      };
      const began = clock.now();
      expect(await upload(data, { onEvent }, { store })).toMatchObject({ outcome: "sent", wastedBytes: 0 });
      expect(clock.now() - began).toBeGreaterThanOrEqual(30_000);
      expect([heard("store.away").length, heard("store.back").length]).toEqual([1, 1]);
      expect(heard("part.stored").at(-1)!.at - began).toBeLessThan(2_000);
      expect((await journal()).types).toEqual(["sealed"]);
    },
  );

  fault(
    "13",
    "the store forgets everything half-way",
    "the journal is written again from memory; nothing is sent twice",
    async () => {
      const id = await transfersOf(world).idOf("k");
      let forgotten = false;
      const onEvent = (event: TransferEvent) => {
        if (event.type === "part.stored" && event.number === 3 && !forgotten) {
          forgotten = true;
          forget();
        }
      };
      const { ForgetfulStore } = await import("./helpers/sim/store.js");
      const store = new ForgetfulStore(world.clock);
      const forget = () => store.forget();
      world.store = store;
      expect(await upload(data, { onEvent })).toMatchObject({ outcome: "sent", wastedBytes: 0 });
      expect(applied("openSession")).toHaveLength(1);
      expect((await readJournal(store, id)).types).toEqual(["sealed"]);
    },
  );

  fault("13", "closing the journal fails", "the outcome is what it was", async () => {
    const broken = (fails: boolean) =>
      aroundStore(world.store, (call, run) =>
        fails && call.verb === "dispose"
          ? Promise.reject(new TransferError("store-unavailable", "away"))
          : run(),
      );
    expect(await upload(data, {}, { store: broken(true) })).toMatchObject({ outcome: "sent" });
    const refuse = refusing(["findObject"], () => new TransferError("rejected", "No."));
    await expect(upload(data, {}, { store: broken(true), layers: [refuse] })).rejects.toMatchObject({
      code: "rejected",
    });
  });
});

describe("staying alive (rule 14)", () => {
  fault(
    "14",
    "the remote is away for good",
    "gives up after `giveUpAfter` without progress; the next run goes on",
    async () => {
      const began = world.clock.now();
      const down = around((call, run) =>
        call.number === 3 ? Promise.reject(passingErrors.unavailable()) : run(),
      );
      await expect(upload(data, { giveUpAfter: 120_000 }, { layers: [down] })).rejects.toMatchObject({
        code: "unavailable",
        retryable: false,
      });
      const took = world.clock.now() - began;
      expect(took).toBeGreaterThan(100_000);
      expect(took).toBeLessThan(140_000);
      expect(await upload()).toMatchObject({ outcome: "sent", resumedBytes: 5_000 - 500 });
    },
  );

  fault(
    "14",
    "credentials that may write but not look",
    "said before anything is sent; a plain success is a success",
    async () => {
      const blind = refusing(["findObject", "listParts"], denied);
      expect(await upload(data, { giveUpAfter: 120_000 }, { layers: [blind] })).toMatchObject({
        outcome: "sent",
      });
      const types = world.events.map((event) => event.type);
      expect(types.indexOf("transfer.warned")).toBeGreaterThan(-1);
      expect(types.indexOf("transfer.warned")).toBeLessThan(types.indexOf("part.started"));
    },
  );

  fault(
    "14",
    "credentials that may not look, and the answer to completing is lost",
    "`outcome: unknown`, saying so",
    async () => {
      world.faults.next("completeSession", { kind: "lose" });
      const blind = refusing(["findObject", "listParts"], denied);
      await expect(upload(data, { giveUpAfter: 120_000 }, { layers: [blind] })).rejects.toMatchObject({
        code: "denied",
        outcome: "unknown",
      });
      expect(applied("completeSession")).toHaveLength(1);
    },
  );

  fault(
    "14",
    "credentials that may look but not list, and the answer to completing is lost",
    "completed again, or proven by the object",
    async () => {
      world.faults.next("completeSession", { kind: "lose" });
      const blind = refusing(["listParts"], denied);
      expect(await upload(data, {}, { layers: [blind] })).toMatchObject({ outcome: "proven" });
    },
  );

  fault("8", "the remote throttles with Retry-After", "waits at least so long", async () => {
    world.faults.next((call) => call.number === 2, { kind: "refuse", error: passingErrors.throttled(7_000) });
    await upload();
    expect(heard("part.retried")[0]!.delay).toBeGreaterThanOrEqual(7_000);
  });

  fault("8", "everything fails at once", "the retry budget turns the storm into a trickle", async () => {
    const { clock } = world;
    let requests = 0;
    const until = clock.now() + 60_000;
    const storm = around((call, run) => {
      if (call.verb !== "putPart" || clock.now() >= until) return run();
      requests++;
      return Promise.reject(passingErrors.unavailable());
    });
    await upload(bytesOf(60_000), {}, { layers: [storm], concurrency: 50 });
    // Fifty places, 32 retries at once, and two a second from then on.
    expect(requests).toBeLessThanOrEqual(50 + 32 + 2 * 60 + 50);
    expect(requests).toBeGreaterThan(100);
  });

  fault(
    "8",
    "sending stalls",
    "the watchdog ends it after 30 s without a byte; it is sent again",
    async () => {
      world.faults.next((call) => call.number === 2, { kind: "stall", at: "within" });
      await upload(short);
      expect(heard("part.retried")).toMatchObject([{ number: 2, code: "stalled" }]);
      expect(sent(2)).toHaveLength(1);
    },
  );

  fault(
    "8",
    "the answer to a part never comes",
    "ended by the limit for answers; sent again with the same result",
    async () => {
      world.faults.next((call) => call.number === 2, { kind: "stall", at: "after" });
      expect(await upload(short)).toMatchObject({ outcome: "sent" });
      expect(heard("part.retried")).toMatchObject([{ number: 2, code: "stalled" }]);
    },
  );

  fault("8", "the source is slow for minutes", "waited for: not the network's fault", async () => {
    const slow = {
      open: async () => {
        const source = await bytesSource(data, "/the/file").open();
        return {
          ...source,
          slice: (range: { start: number; end: number }) => ({
            size: range.end - range.start,
            async *open() {
              await world.clock.sleep(300_000);
              yield* source.slice(range).open();
            },
          }),
        };
      },
    };
    await upload(data, { source: slow });
    expect(heard("part.retried")).toEqual([]);
  });

  fault("8", "completing takes ten minutes", "waited for: it has a limit of its own", async () => {
    world.faults.next("completeSession", { kind: "delay", before: 600_000 });
    expect(await upload()).toMatchObject({ outcome: "sent" });
    expect(heard("part.retried")).toEqual([]);
    expect(heard("transfer.sealing")).toHaveLength(1);
  });

  fault("8", "the answer to completing never comes", "ended after its limit, settled by proof", async () => {
    world.faults.next("completeSession", { kind: "stall", at: "after" });
    expect(await upload()).toMatchObject({ outcome: "proven" });
  });

  fault("8", "credentials expire half-way", "no attempt is spent, no time is lost", async () => {
    for (let time = 0; time < 3; time++) {
      world.faults.next((call) => call.number === 2, {
        kind: "refuse",
        error: passingErrors.credentialsExpired(),
      });
    }
    await upload();
    expect(heard("part.retried").map((event) => event.delay)).toEqual([0, 0, 0]);
  });

  fault("8", "credentials stay expired", "believed after three refreshes", async () => {
    const expired = around((call, run) =>
      call.number === 2 ? Promise.reject(passingErrors.credentialsExpired()) : run(),
    );
    await expect(upload(data, {}, { layers: [expired] })).rejects.toMatchObject({
      code: "credentials-expired",
    });
  });

  fault(
    "1",
    "the answer to opening a session is lost",
    "opened again; told of the one that nobody names",
    async () => {
      world.faults.next("openSession", { kind: "lose" });
      await upload();
      expect(heard("session.orphaned")).toHaveLength(1);
      expect(world.remote.leftovers().map((session) => session.parts.size)).toEqual([0]);
    },
  );
});

test("docs/reliability.md tells of every fault", () => {
  const rows = told.map(({ rule, fault: what, outcome }) => [rule, what, outcome]);
  expectOnPage("faults", table(["Rule", "What goes wrong", "What becomes of it"], rows));
});
