import { describe, expect, it } from "vitest";
import { readRange } from "./range.js";

describe("a range", () => {
  it.each([
    [undefined, "whole", "whole"],
    ["bytes=0-999", { start: 0, end: 1000 }, { start: 0, end: 1000 }],
    ["bytes=10-19", { start: 10, end: 20 }, { start: 10, end: 20 }],
    ["bytes=990-", { start: 990, end: 1000 }, { start: 990, end: 1000 }],
    ["bytes=-5", { start: 995, end: 1000 }, { start: 995, end: 1000 }],
    ["bytes=0-1000", "whole", { start: 0, end: 1000 }],
    ["bytes=500-5000", "whole", { start: 500, end: 1000 }],
    ["bytes=-5000", "whole", { start: 0, end: 1000 }],
    ["bytes=1000-", "whole", "InvalidRange"],
    ["bytes=-0", "whole", "InvalidRange"],
    ["bytes=9-8", "whole", "whole"],
    ["byte=0-1", "whole", "whole"],
    ["bytes=-", "whole", "whole"],
    ["bytes=0-1,4-5", { start: 0, end: 2 }, { start: 0, end: 2 }],
  ])("%s of 1000 bytes is %j, under the standard %j", (header, oss, standard) => {
    expect(readRange(header, 1000, false)).toEqual(oss);
    if (standard === "InvalidRange") {
      expect(() => readRange(header, 1000, true)).toThrow(
        expect.objectContaining({ status: 416, code: standard }),
      );
    } else expect(readRange(header, 1000, true)).toEqual(standard);
  });
});
