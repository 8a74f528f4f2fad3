import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, digest } from "./digest.js";
import type { JsonValue } from "./json.js";

test("equal values have equal digests, whatever the order of their names", async () => {
  expect(await digest({ a: 1, b: [1, { d: 1, c: 2 }] })).toBe(await digest({ b: [1, { c: 2, d: 1 }], a: 1 }));
  expect(await digest({ a: 1, b: undefined })).toBe(await digest({ a: 1 }));
  expect(await digest([1, 2])).not.toBe(await digest([2, 1]));
});

test("canonical JSON is JSON of the same value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value as JsonValue))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
