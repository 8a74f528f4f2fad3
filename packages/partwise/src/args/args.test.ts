import { isTransferError } from "@partwise/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConcurrency } from "./concurrency.js";
import { parseDuration } from "./duration.js";
import { parsePairs } from "./pairs.js";
import { parseSize } from "./size.js";
import { looksLikeTarget, parseTarget } from "./target.js";

describe("sizes", () => {
  it.each([
    ["0", 0],
    ["10485760", 10_485_760],
    ["8MiB", 8 * 1024 ** 2],
    ["8mib", 8 * 1024 ** 2],
    ["10MB", 10_000_000],
    ["512k", 512 * 1024],
    ["1.5 GiB", 1.5 * 1024 ** 3],
    ["5g", 5 * 1024 ** 3],
    ["2TB", 2e12],
    ["100b", 100],
  ])("%s is %d bytes", (text, bytes) => {
    expect(parseSize("--part-size", text)).toBe(bytes);
  });

  it.each(["", "MiB", "-1", "1e6", "8 parts", "1.5", "99999999999TiB", "8MiB8", "0x10", "1,5M"])(
    "refuses %j, naming the option",
    (text) => {
      expect(() => parseSize("--part-size", text)).toThrow(/^--part-size is not a size/);
    },
  );

  it("reads back every whole number of MiB", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (n) => {
        expect(parseSize("x", `${n}MiB`)).toBe(n * 1024 ** 2);
      }),
    );
  });
});

describe("durations", () => {
  it.each([
    ["500ms", 500],
    ["90s", 90_000],
    ["15m", 900_000],
    ["1h30m", 5_400_000],
    ["2d", 172_800_000],
    ["0.5s", 500],
    [" 15M ", 900_000],
  ])("%s is %d ms", (text, ms) => {
    expect(parseDuration("--give-up-after", text)).toBe(ms);
  });

  it.each(["", "15", "m", "15 minutes", "-5s", "1h 30m", "5s!", "99999999999999d"])("refuses %j", (text) => {
    expect(() => parseDuration("--give-up-after", text)).toThrow(/^--give-up-after is not a duration/);
  });
});

describe("concurrency", () => {
  it("takes auto and whole numbers", () => {
    expect([
      parseConcurrency("c", "auto"),
      parseConcurrency("c", "AUTO"),
      parseConcurrency("c", "12"),
    ]).toEqual(["auto", "auto", 12]);
    for (const wrong of ["", "many", "1.5", "-1", "1e3"])
      expect(() => parseConcurrency("c", wrong)).toThrow(/auto/);
  });
});

describe("pairs", () => {
  it("splits at the first separator", () => {
    expect(parsePairs("--header", ":", ["Cache-Control: max-age=5", "x-oss-a:b:c"])).toEqual({
      "Cache-Control": "max-age=5",
      "x-oss-a": "b:c",
    });
    expect(parsePairs("--meta", "=", ["a= b=c", "empty="])).toEqual({ a: " b=c", empty: "" });
  });

  it("refuses what is not a pair, twice the same name and broken lines, and never shows a value", () => {
    for (const texts of [
      ["secret"],
      [": secret"],
      ["a b: secret"],
      ["a: secret", "A: secret"],
      ["a: secret\r\nb: c"],
    ]) {
      expect(() => parsePairs("--header", ":", texts)).toThrow(/^--header/);
      expect(() => parsePairs("--header", ":", texts)).not.toThrow(/secret/);
    }
  });

  it("keeps a name that objects treat specially", () => {
    expect(Object.entries(parsePairs("--meta", "=", ["__proto__=x"]))).toEqual([["__proto__", "x"]]);
  });
});

describe("targets", () => {
  it.each([
    ["oss://b/k", { bucket: "b", key: "k" }],
    ["oss://b/a/b c%20", { bucket: "b", key: "a/b c%20" }],
    ["OSS://b/k", { bucket: "b", key: "k" }],
    ["oss://b/", { bucket: "b", key: "file.bin" }],
    ["oss://b/dir/", { bucket: "b", key: "dir/file.bin" }],
    ["oss://b//k", { bucket: "b", key: "/k" }],
    ["oss://b/k?x#y", { bucket: "b", key: "k?x#y" }],
  ])("%s", (text, target) => {
    expect(parseTarget(text, "file.bin")).toEqual(target);
  });

  it.each([
    ["file.bin", /does not begin with oss:/],
    ["/oss://b/k", /does not begin with oss:/],
    ["https://b.oss-cn-hangzhou.aliyuncs.com/k", /https:\/\/ are not known.*--endpoint/],
    ["s3://b/k", /s3:\/\/ are not known/],
    ["oss://", /names no bucket/],
    ["oss:///k", /names no bucket/],
    ["oss://b", /names no key/],
  ])("%s is refused", (text, message) => {
    expect(() => parseTarget(text, "file.bin")).toThrow(message);
  });

  it("needs a name for a folder, and without one takes the key as it stands", () => {
    expect(() => parseTarget("oss://b/dir/", "")).toThrow(/takes the file's name/);
    expect(parseTarget("oss://b/dir/")).toEqual({ bucket: "b", key: "dir/" });
    expect(() => parseTarget("oss://b/")).toThrow(/names no key/);
  });

  it("repeats neither credentials nor signed URLs", () => {
    for (const text of ["oss://id:secret@b/k", "https://b/k?Signature=secret", "https://id:secret@b/k"]) {
      expect(() => parseTarget(text, "f")).toThrow();
      expect(() => parseTarget(text, "f")).not.toThrow(/secret/);
    }
  });

  it("knows a target from an id", () => {
    expect(["oss://b/k", "b/k", "http://x"].every(looksLikeTarget)).toBe(true);
    expect(looksLikeTarget("0a1b2c_-")).toBe(false);
  });
});

it("answers any text with a value or one clear refusal", () => {
  const parsers: ((text: string) => unknown)[] = [
    (text) => parseSize("x", text),
    (text) => parseDuration("x", text),
    (text) => parseConcurrency("x", text),
    (text) => parsePairs("x", ":", [text]),
    (text) => parsePairs("x", "=", [text, text]),
    (text) => parseTarget(text),
    (text) => parseTarget(`oss://${text}`, text),
  ];
  const texts = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[0-9.kmgtibsMB:/=@ -]*$/));
  fc.assert(
    fc.property(fc.constantFrom(...parsers), texts, (parse, text) => {
      try {
        parse(text);
      } catch (error) {
        expect(isTransferError(error, "invalid-options")).toBe(true);
      }
    }),
    { numRuns: 1000 },
  );
});
