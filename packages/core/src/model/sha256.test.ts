import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { sha256 } from "./sha256.js";

describe("sha256", () => {
  it("agrees with Node's at every length around the padding's edges, and at large ones", () => {
    for (const length of [...Array(200).keys(), 1_000, 65_536, 100_003]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 131 + length) & 255);
      expect(Buffer.from(sha256(bytes)).toString("hex"), `${length} bytes`).toBe(
        createHash("sha256").update(bytes).digest("hex"),
      );
    }
  });
});
