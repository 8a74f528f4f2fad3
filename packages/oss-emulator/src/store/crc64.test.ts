import { describe, expect, it } from "vitest";
import { Crc64, combineCrc64 } from "./crc64.js";

function crcOf(...pieces: (string | Uint8Array)[]): bigint {
  const crc = new Crc64();
  for (const piece of pieces) crc.update(typeof piece === "string" ? Buffer.from(piece) : piece);
  return crc.digest();
}

describe("CRC-64", () => {
  it.each([
    ["", 0n],
    ["a", 3_675_645_893_302_102_789n],
    ["1234", 14_865_968_487_149_912_872n],
    ["56789", 7_598_038_797_645_275_211n],
    ["123456789", 11_051_210_869_376_104_954n],
    ["hello", 11_177_612_005_948_864_433n],
    ["Hello World", 4_500_349_916_731_002_310n],
  ])("of %j is %d", (text, value) => {
    expect(crcOf(text)).toBe(value);
  });

  it("goes on across pieces of any length", () => {
    expect(crcOf("1", "2345678", "9")).toBe(crcOf("123456789"));
    expect(crcOf(new Uint8Array(102_400))).toBe(15_337_097_285_471_591_505n);
    const long = new Uint8Array(1_000_003).map((_, index) => index * 31);
    expect(crcOf(long)).toBe(
      crcOf(long.subarray(0, 999), long.subarray(999, 400_001), long.subarray(400_001)),
    );
  });

  it("combines the values of pieces", () => {
    const piece = (text: string) => ({ crc64: crcOf(text), size: Buffer.byteLength(text) });
    expect(combineCrc64([])).toBe(0n);
    expect(combineCrc64([piece("1234"), piece(""), piece("56789")])).toBe(crcOf("123456789"));
    expect(combineCrc64([piece("hello"), piece("hello"), piece(" ")])).toBe(crcOf("hellohello "));
  });
});
