import fc from "fast-check";
import { expect, it } from "vitest";
import { combine, combineCounts } from "./combine.js";
import { combineAll, crc64ecma } from "./index.js";

function crc(bytes: Uint8Array): string {
  const running = crc64ecma.start(bytes.length);
  running.update(bytes);
  const value = running.value();
  running.release(true);
  return value;
}

it("combines the known pair", () => {
  expect(combine("14865968487149912872", "7598038797645275211", 5)).toBe("11051210869376104954");
});

it("equals the checksum of both together", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), fc.uint8Array({ maxLength: 3000 }), (a, b) => {
      const both = new Uint8Array(a.length + b.length);
      both.set(a);
      both.set(b, a.length);
      expect(combine(crc(a), crc(b), b.length)).toBe(crc(both));
    }),
  );
});

it("is right for sizes that need more than 32 bits", () => {
  const [a, b, c] = ["11051210869376104954", "3675645893302102789", "11177612005948864433"];
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 50 }),
      fc.integer({ min: 0, max: 2 ** 50 }),
      (sizeB, sizeC) => {
        const left = combine(combine(a, b, sizeB), c, sizeC);
        expect(combine(a, combine(b, c, sizeC), sizeB + sizeC)).toBe(left);
      },
    ),
    { numRuns: 30 },
  );
});

it("computes one operator for ten thousand parts of one size", () => {
  const size = 10_485_761;
  const before = combineCounts.operators;
  const parts = Array.from({ length: 10_000 }, (_, n) => ({ checksum: String(n), size }));
  const from = process.cpuUsage();
  const whole = combineAll(crc64ecma, parts);
  const used = process.cpuUsage(from);
  expect(whole).toMatch(/^\d+$/);
  expect(combineCounts.operators - before).toBe(1);
  // Measured: about 15 ms. Without the cached operator it is minutes.
  expect(used.user + used.system).toBeLessThan(1_000_000);
});

it("keeps what it had when nothing follows", () => {
  expect(combine("17", "0", 0)).toBe("17");
  expect(combineAll(crc64ecma, [])).toBe("0");
});

it("refuses what is no checksum and no size", () => {
  for (const bad of ["", "-1", "0x1", "1.5", "18446744073709551616", "995dc9bbdf1939fa"]) {
    expect(() => combine(bad, "0", 1)).toThrow(/no crc64ecma/);
    expect(() => combine("0", bad, 1)).toThrow(/no crc64ecma/);
  }
  expect(() => combine("0", "0", -1)).toThrow(/sizeOfB/);
  expect(() => combine("0", "0", 1.5)).toThrow(/sizeOfB/);
});
