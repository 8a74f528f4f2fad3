import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  counted,
  displayWidth,
  formatBytes,
  formatDuration,
  formatPercent,
  printable,
  shorten,
} from "./format.js";

describe("bytes", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [999_949, "999.9 kB"],
    [999_950, "1.0 MB"],
    [104_857_600, "104.9 MB"],
    [48.8e12, "48.8 TB"],
  ])("%d", (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe("durations", () => {
  it.each([
    [0, "0 ms"],
    [999, "999 ms"],
    [1000, "1 s"],
    [59_499, "59 s"],
    [59_500, "1 min"],
    [200_000, "3 min 20 s"],
    [3_600_000, "1 h"],
    [7_500_000, "2 h 5 min"],
    [86_400_000, "1 d"],
    [356_400_000, "4 d 3 h"],
  ])("%d ms", (ms, text) => expect(formatDuration(ms)).toBe(text));

  it("never writes sixty seconds or minutes", () => {
    fc.assert(
      fc.property(fc.nat(1e9), (ms) => {
        expect(formatDuration(ms)).not.toMatch(/\b(60 s|60 min|24 h)\b/);
      }),
    );
  });
});

it("says 100 % only of the whole", () => {
  expect([formatPercent(999, 1000), formatPercent(1000, 1000), formatPercent(0, 0)]).toEqual([
    "99 %",
    "100 %",
    "100 %",
  ]);
});

it("counts", () => {
  expect([counted(1, "part"), counted(2, "part")]).toEqual(["1 part", "2 parts"]);
});

it("lets nothing through that steers a terminal", () => {
  expect(printable("a\u001B[2Jb\n\u202Ec")).toBe("a\uFFFD[2Jb\uFFFD\uFFFDc");
});

describe("widths", () => {
  it("counts wide characters twice and marks not at all", () => {
    expect([displayWidth("abc"), displayWidth("日本"), displayWidth("e\u0301"), displayWidth("🎉")]).toEqual([
      3, 4, 1, 2,
    ]);
  });

  it("shortens in the middle", () => {
    expect(shorten("a-very-long-name.tar.gz", 12)).toBe("a-ver…tar.gz");
    expect(shorten("short", 12)).toBe("short");
  });

  it("never gets wider than asked", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(40), (text, columns) => {
        expect(displayWidth(shorten(text, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });
});
