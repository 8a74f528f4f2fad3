import { expect, test } from "vitest";
import { Gate } from "./gate.js";

const never = new AbortController().signal;

/** Settles what can settle. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("lets in as many as the limit says, first come first served", async () => {
  const gate = new Gate(2);
  const order: number[] = [];
  const leaves: (() => void)[] = [];
  for (const each of [1, 2, 3, 4])
    void gate.enter(never).then((leave) => {
      order.push(each);
      leaves.push(leave);
    });
  await turn();
  expect(order).toEqual([1, 2]);
  leaves[0]!();
  leaves[0]!();
  await turn();
  expect(order).toEqual([1, 2, 3]);
  leaves[1]!();
  await turn();
  expect(order).toEqual([1, 2, 3, 4]);
  expect(gate.inside).toBe(2);
});

test("one who gives up waiting loses only the own turn", async () => {
  const gate = new Gate(1);
  const leave = await gate.enter(never);
  const stop = new AbortController();
  const tired = gate.enter(stop.signal);
  const patient = gate.enter(never);
  stop.abort(new Error("tired"));
  await expect(tired).rejects.toThrow("tired");
  leave();
  (await patient)();
  expect(gate.inside).toBe(0);
  await expect(gate.enter(stop.signal)).rejects.toThrow("tired");
});

test("a larger limit admits at once, a smaller one as places are given back", async () => {
  const gate = new Gate(1);
  const leaves: (() => void)[] = [];
  for (let each = 0; each < 4; each++) void gate.enter(never).then((leave) => leaves.push(leave));
  await turn();
  gate.setLimit(3);
  await turn();
  expect(gate.inside).toBe(3);
  gate.setLimit(1);
  leaves[0]!();
  await turn();
  expect(gate.inside).toBe(2);
  leaves[1]!();
  leaves[2]!();
  await turn();
  expect(gate.inside).toBe(1);
  expect(leaves).toHaveLength(4);
});
