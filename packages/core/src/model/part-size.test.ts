import { describe, expect, it } from "vitest";
import { type Link, usualPartSize } from "./part-size.js";

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;
const unknown: Link = { roundTrip: undefined, perConnection: undefined, failing: 0 };
const near: Link = { ...unknown, roundTrip: 3 };
const away: Link = { ...unknown, roundTrip: 200 };

describe("usualPartSize", () => {
  it.each<[string, number, Link, number]>([
    ["nothing is known", 100 * GiB, unknown, 10],
    ["the remote is near", 100 * GiB, near, 10],
    ["it is near and proved fast", 20 * GiB, { ...near, perConnection: 300e6 }, 40],
    ["it proved fast, and the file is ordinary", GiB, { ...near, perConnection: 300e6 }, 10],
    ["it is near and slow", 20 * GiB, { ...near, perConnection: 100e3 }, 10],
    ["the file is huge", 1000 * GiB, { ...near, perConnection: 300e6 }, 64],
    ["it is far", GiB, away, 2],
    ["it is far and the file small", 12 * MiB, away, 1],
    ["it is far and the file large", 100 * GiB, away, 10],
    ["it is far and proved slow", 100 * GiB, { ...away, perConnection: 1024 * 1024 }, 3],
    ["some attempts fail", GiB, { ...near, failing: 0.05 }, 5],
    ["many attempts fail", GiB, { ...near, failing: 0.2 }, 2.5],
    ["it is far and attempts fail", GiB, { ...away, failing: 0.2 }, 1],
  ])("when %s", (_name, size, link, expected) => {
    expect(usualPartSize(size, link) / MiB).toBe(expected);
  });
});
