import { describe, expect, it } from "vitest";
import { memoryStore } from "../../../core/src/builtin/memory-store.js";
import { bodyOf, randomBytes } from "../cases/transport/bodies.js";
import { fakeClock } from "../clock/fake-clock.js";
import { seededRandom } from "../clock/random.js";
import { modelRemote } from "../model/remote.js";
import { faultScript, randomFaults } from "./scripts.js";
import { faultyStore, type StoreFault } from "./store.js";
import { faultyTransport } from "./transport.js";

const call = () => ({ signal: new AbortController().signal });

async function setUp() {
  const clock = fakeClock();
  const remote = modelRemote({ clock });
  const script = faultScript();
  const transport = faultyTransport(remote.transport(), script.pick, clock);
  const { session } = await transport.openSession({ key: "k" }, call());
  const put = (signal = call().signal, bytes = randomBytes(1_000)) =>
    transport.putPart({ session, number: 1, body: bodyOf(bytes) }, { signal });
  return { clock, remote, script, transport, session, put };
}

describe("faultyTransport", () => {
  it("does the work and loses the answer", async () => {
    const { remote, script, session, put } = await setUp();
    script.next("putPart", { kind: "lose" });
    await expect(put()).rejects.toMatchObject({ code: "unavailable", outcome: "unknown" });
    expect(remote.writesOf(session.id, 1)).toBe(1);
    await put();
    expect(script.left).toBe(0);
  });

  it("lands a part after its sender has given up, and even after the session was aborted", async () => {
    const { clock, remote, script, transport, session, put } = await setUp();
    script.next("putPart", { kind: "land-late", ms: 5_000 });
    await expect(put()).rejects.toMatchObject({ outcome: "unknown" });
    await clock.advance(4_999);
    expect(remote.writesOf(session.id, 1)).toBe(0);
    await clock.advance(1);
    expect(remote.writesOf(session.id, 1)).toBe(1);
    expect(remote.sessions.get(session.id)?.parts.get(1)?.bytes).toEqual(randomBytes(1_000));
    await transport.abortSession({ session }, call());
    expect(remote.leftovers()).toEqual([]);
  });

  it("changes one byte", async () => {
    const { remote, script, session, put } = await setUp();
    script.next("putPart", { kind: "corrupt" });
    await put();
    const sent = randomBytes(1_000);
    const stored = remote.sessions.get(session.id)?.parts.get(1)?.bytes ?? new Uint8Array();
    expect(stored.filter((byte, index) => byte !== sent[index])).toHaveLength(1);
  });

  it("breaks a body off: bytes are spent, nothing is stored", async () => {
    const { remote, script, session, put } = await setUp();
    script.next("putPart", { kind: "reset", after: 400 });
    await expect(put()).rejects.toMatchObject({ outcome: "unknown", retryable: true });
    expect([remote.received, remote.writesOf(session.id, 1)]).toEqual([400, 0]);
  });

  it("stalls until the call is aborted: before, within and after", async () => {
    const { clock, remote, script, session, put } = await setUp();
    const stored: number[] = [];
    for (const at of ["before", "within", "after"] as const) {
      script.next("putPart", { kind: "stall", at });
      const stop = new AbortController();
      const reason = new Error("watchdog");
      const sent = put(stop.signal);
      const watch = clock.sleep(60_000).then(() => stop.abort(reason));
      await expect(clock.run(sent)).rejects.toBe(reason);
      await watch;
      stored.push(remote.writesOf(session.id, 1));
    }
    expect(stored).toEqual([0, 0, 1]);
  });

  it("takes its time, by the clock", async () => {
    const { clock, script, put } = await setUp();
    const before = clock.now();
    script.next("putPart", { kind: "delay", before: 300, after: 200 });
    await clock.run(put());
    expect(clock.now() - before).toBe(500);
  });

  it("fails by chance, the same way for the same seed", async () => {
    const history = async (seed: number) => {
      const clock = fakeClock({ seed });
      const remote = modelRemote({ clock });
      const rates = { unavailable: 0.2, lose: 0.2, reset: 0.2, corrupt: 0.1, latency: 50 };
      const pick = randomFaults(seededRandom(seed), rates);
      const transport = faultyTransport(remote.transport(), pick, clock);
      const outcomes: string[] = [];
      for (let each = 0; each < 60; each++) {
        const body = bodyOf(randomBytes(100));
        const put = () => transport.putObject({ key: `${each}`, body }, call());
        const outcome = await clock.run(put).then(
          () => "stored",
          (error: { outcome: string }) => error.outcome,
        );
        outcomes.push(`${outcome} ${clock.now()}`);
      }
      return outcomes;
    };
    const first = await history(1);
    expect(await history(1)).toEqual(first);
    expect(await history(2)).not.toEqual(first);
    expect(new Set(first.map((line) => line.split(" ")[0]))).toEqual(
      new Set(["stored", "not-applied", "unknown"]),
    );
  });
});

describe("faultyStore", () => {
  it("is away for a while, loses answers, loses leases", async () => {
    const clock = fakeClock();
    const inner = memoryStore({ clock });
    let fault: StoreFault | undefined;
    const store = faultyStore(inner, () => fault, clock);
    const journal = await store.open("a");
    const lease = await journal.lease("transfer", 60_000);
    fault = { kind: "refuse" };
    await expect(journal.append([1], lease)).rejects.toMatchObject({ code: "store-unavailable" });
    await expect(lease.renew()).rejects.toMatchObject({ code: "store-unavailable" });
    fault = { kind: "lose" };
    await expect(journal.append([2], lease)).rejects.toMatchObject({ outcome: "unknown" });
    fault = { kind: "delay", ms: 50 };
    await clock.run(journal.append([3], lease));
    fault = undefined;
    expect((await journal.read()).entries).toEqual([2, 3]);
    fault = { kind: "lose-lease" };
    await expect(journal.append([4], lease)).rejects.toMatchObject({ code: "lease-lost" });
    expect((await (await inner.open("a")).read()).entries).toEqual([2, 3]);
  });
});
