import fc from "fast-check";
import { expect, test } from "vitest";
import { directoryName, idOf, idPattern } from "./place.js";

const letters = [..."abcXYZ019_-"];
const id = fc
  .array(fc.constantFrom(...letters), { minLength: 1, maxLength: 128 })
  .map((each) => each.join(""));

test("a name tells its id, and no two ids differ in capitals alone", () => {
  fc.assert(
    fc.property(id, id, (a, b) => {
      expect(idOf(directoryName(a))).toBe(a);
      expect(directoryName(a).length).toBeLessThan(200);
      expect(directoryName(a).toLowerCase()).toBe(directoryName(a));
      if (a !== b) expect(directoryName(a)).not.toBe(directoryName(b));
    }),
  );
});

test("other names tell no id", () => {
  for (const name of [
    "",
    ".",
    "..",
    "aside/x",
    "Abc",
    "abc.",
    "abc.0",
    "abc.8",
    "abc.1.1",
    ".1",
    "a b",
    "12.1",
    "abc.g",
  ]) {
    expect(idOf(name)).toBeUndefined();
  }
  fc.assert(
    fc.property(fc.string(), (name) => idOf(name) === undefined || idPattern.test(idOf(name) as string)),
  );
});
