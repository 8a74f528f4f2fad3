import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldEntries } from "./checkpoint.js";
import type { JsonValue } from "./json.js";

const plan = { size: 25, partSize: 10, parts: 3 };
const identity = { v: 1, transport: "t", key: "k", target: "t://k", opening: "o" };
const planned = (epoch: number) => ({ type: "planned", epoch, ...identity, plan, fingerprint: "f" });
const opened = (epoch: number, id: string, abort: string[] = []) => ({
  type: "opened",
  epoch,
  session: { key: "k", id },
  abort: abort.map((each) => ({ key: "k", id: each })),
});
const stored = (epoch: number, number: number, tag = "t") => ({
  type: "stored",
  epoch,
  receipt: { number, size: 10, tag },
  local: { kind: "crc64ecma", value: "1" },
  print: "p",
});
const sealing = (epoch: number, remoteTime: number) => ({
  type: "sealing",
  epoch,
  size: 25,
  print: "p",
  remoteTime,
});
const sealed = (epoch: number) => ({
  type: "sealed",
  epoch,
  ...identity,
  size: 25,
  print: "p",
  object: { tag: "x" },
  abort: [],
  at: 1,
});
const session = (id: string) => ({ key: "k", id });

describe("a checkpoint is what the entries add up to", () => {
  test("nothing, of nothing", () => {
    expect(foldEntries("id", [])).toMatchObject({ epoch: 0, toAbort: [], abandoned: false, passedOver: 0 });
  });

  test("receipts count wherever they stand, for their own epoch only", () => {
    const found = foldEntries("id", [stored(1, 2), stored(2, 3), planned(1), opened(1, "a"), stored(1, 1)]);
    expect([...found.parts.keys()].sort()).toEqual([1, 2]);
    expect(found.session).toEqual(session("a"));
  });

  test("a new epoch leaves the old session to be aborted, until that is written", () => {
    const entries = [planned(1), opened(1, "a"), stored(1, 1), planned(2)];
    expect(foldEntries("id", entries)).toMatchObject({
      epoch: 2,
      session: undefined,
      toAbort: [session("a")],
    });
    const later = [...entries, opened(2, "b", ["a"])];
    expect(foldEntries("id", later)).toMatchObject({ session: session("b"), toAbort: [session("a")] });
    const done = [...later, { type: "aborted", session: session("a") }];
    expect(foldEntries("id", done)).toMatchObject({ session: session("b"), toAbort: [] });
  });

  test("abandoned leaves every session to be aborted", () => {
    const found = foldEntries("id", [planned(1), opened(1, "a"), { type: "abandoned", reason: "discarded" }]);
    expect(found).toMatchObject({ abandoned: true, toAbort: [session("a")] });
  });

  test("sealing remembers when it was first tried", () => {
    expect(
      foldEntries("id", [planned(1), opened(1, "a"), sealing(1, 100), sealing(1, 200)]).sealing,
    ).toMatchObject({
      remoteTime: 100,
    });
  });

  test("sealed is the last word of its epoch", () => {
    const found = foldEntries("id", [planned(1), opened(1, "a"), sealing(1, 1), sealed(1)]);
    expect(found).toMatchObject({
      epoch: 1,
      planned: undefined,
      session: undefined,
      sealed: { type: "sealed" },
    });
  });

  test("a late entry of an older epoch changes nothing", () => {
    const now = foldEntries("id", [planned(2), opened(2, "b")]);
    expect(foldEntries("id", [planned(2), opened(2, "b"), planned(1), sealing(1, 5)])).toEqual(now);
  });
});

test("what is not an entry is passed over and counted", () => {
  const rubbish: JsonValue[] = [null, 5, "x", [], {}, { type: "stored" }, { type: "planned", v: 1 }];
  expect(foldEntries("id", [planned(1), ...rubbish, opened(1, "a")])).toMatchObject({
    session: session("a"),
    passedOver: 7,
  });
});

test("entries without any plan are unreadable, newer ones too new", () => {
  expect(() => foldEntries("id", [{ type: "abandoned", reason: "discarded" }])).toThrow(
    expect.objectContaining({ code: "checkpoint-unreadable" }),
  );
  expect(() => foldEntries("id", [{ ...planned(1), v: 2 }])).toThrow(
    expect.objectContaining({ code: "checkpoint-too-new" }),
  );
});

test("receipts alone are what a forgetful store was told last: they count for nothing", () => {
  expect(foldEntries("id", [stored(1, 1)])).toMatchObject({ epoch: 0, planned: undefined, toAbort: [] });
});

test("a plan that does not add up is not believed", () => {
  const wrong = { ...planned(1), plan: { size: 25, partSize: 10, parts: 2 } };
  expect(() => foldEntries("id", [wrong])).toThrow(
    expect.objectContaining({ code: "checkpoint-unreadable" }),
  );
});

test("any JSON folds or is refused with a typed error, and never pollutes", () => {
  const entry = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(planned(1), opened(1, "a"), stored(1, 1), sealing(1, 1), sealed(1)),
    fc
      .constantFrom(planned(1), stored(1, 2))
      .chain((base) =>
        fc
          .dictionary(
            fc.constantFrom("epoch", "plan", "receipt", "v", "__proto__", "session"),
            fc.jsonValue(),
          )
          .map((more) => ({ ...base, ...more })),
      ),
  );
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      try {
        foldEntries("id", entries as JsonValue[]);
      } catch (error) {
        expect((error as { code?: string }).code).toMatch(/^checkpoint-/);
      }
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    }),
  );
});

test("receipts of one epoch fold to the same whatever their order", () => {
  const numbers = fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8]);
  const head = [planned(1), opened(1, "a")];
  fc.assert(
    fc.property(numbers, numbers, (one, two) => {
      const all = [...new Set([...one, ...two])];
      const fold = (order: number[]) =>
        [...foldEntries("id", [...head, ...order.map((each) => stored(1, each))]).parts.keys()].sort();
      expect(fold(all)).toEqual(fold([...all].reverse()));
    }),
  );
});
