import { fakeClock, modelRemote } from "@partwise/testkit";
import { expect, test } from "vitest";
import { createTransfers, type Layer, memoryStore, type TransferEvent } from "../src/index.js";

const limits = { partSize: { min: 100, max: 10_000 }, parts: 10_000, putObject: 100_000 };

/** Parts take 100 ms each; the first attempt of the part `stuck` takes `long` ms. */
function world(stuck: number, long: number) {
  const clock = fakeClock();
  const remote = modelRemote({ clock, limits });
  let aborted = 0;
  const seen = new Set<number>();
  const slow: Layer = (inner) => ({
    ...inner,
    async putPart(request, call) {
      const first = !seen.has(request.number);
      seen.add(request.number);
      try {
        await clock.sleep(first && request.number === stuck ? long : 100, call.signal);
      } catch (error) {
        aborted++;
        throw error;
      }
      return inner.putPart(request, call);
    },
  });
  const transfers = createTransfers({
    transport: remote.transport(),
    store: memoryStore({ clock }),
    clock,
    concurrency: 4,
    layers: [slow],
  });
  const events: TransferEvent[] = [];
  const upload = () =>
    clock.run(
      transfers.upload({
        source: new Uint8Array(20_000).map((_, index) => index % 251),
        key: "k",
        partSize: 1000,
        threshold: 0,
        onEvent: (event) => events.push(event),
      }),
    );
  return { clock, remote, upload, events, aborted: () => aborted };
}

test("the last slow part is sent once more beside itself; the loser ends and what it wasted is told", async () => {
  const { clock, remote, upload, aborted } = world(20, 600_000);
  const began = clock.now();
  const result = await upload();
  expect(clock.now() - began).toBeLessThan(10_000);
  expect(result).toMatchObject({ outcome: "sent", size: 20_000 });
  expect(aborted()).toBe(1);
  expect(remote.requests.get("putPart")).toBe(20);
});

test("a part that is slow while others wait for its place is left alone", async () => {
  const { remote, upload, aborted } = world(1, 900);
  await upload();
  expect(aborted()).toBe(0);
  expect(remote.requests.get("putPart")).toBe(20);
});

test("when the slow attempt lands first after all, the second ends", async () => {
  const { remote, upload } = world(20, 1_330);
  const result = await upload();
  expect(remote.requests.get("putPart")).toBeLessThanOrEqual(21);
  expect(result.sentBytes - result.wastedBytes).toBe(20_000);
});
