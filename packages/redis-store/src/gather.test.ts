import { describe, expect, it } from "vitest";
import { Gather, perCall } from "./gather.js";

/** A write that ends when told to. */
function handWrite() {
  const calls: { records: readonly string[]; end(error?: Error): void }[] = [];
  const gather = new Gather(
    (records) =>
      new Promise((resolve, reject) => {
        calls.push({ records, end: (error) => (error ? reject(error) : resolve()) });
      }),
  );
  return { calls, gather };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("Gather", () => {
  it("makes one call of what comes in one breath, and one of what comes while that is under way", async () => {
    const { calls, gather } = handWrite();
    const first = Promise.all([gather.add(["a"]), gather.add(["b", "c"])]);
    await turn();
    const second = Promise.all([gather.add(["d"]), gather.add(["e"])]);
    await turn();
    expect(calls.map(({ records }) => records)).toEqual([["a", "b", "c"]]);
    calls[0]?.end();
    await first;
    await turn();
    expect(calls[1]?.records).toEqual(["d", "e"]);
    calls[1]?.end();
    await second;
    await gather.settled();
  });

  it("fails those whose call failed, and only those", async () => {
    const { calls, gather } = handWrite();
    const first = gather.add(["a"]).catch((error: Error) => error.message);
    await turn();
    const second = gather.add(["b"]);
    calls[0]?.end(new Error("lost"));
    expect(await first).toBe("lost");
    await turn();
    calls[1]?.end();
    await second;
  });

  it("bounds a call by records and by characters, and still takes one larger append", async () => {
    const sizes: number[] = [];
    const gather = new Gather(async (records) => void sizes.push(records.length));
    const many = Array.from({ length: perCall.records + 1 }, () => gather.add(["x"]));
    await Promise.all(many);
    expect(sizes).toEqual([perCall.records, 1]);
    sizes.length = 0;
    const big = "x".repeat(perCall.characters);
    await Promise.all([gather.add([big, big]), gather.add(["y"]), gather.add(["z"])]);
    expect(sizes).toEqual([2, 2]);
  });
});
