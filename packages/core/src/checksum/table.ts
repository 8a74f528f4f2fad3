import type { RunningChecksum } from "../contracts/checksum.js";

/** CRC-64/XZ: polynomial 0x42F0E1EBA9EA3693, bits reflected, start and final value all ones. Two 32-bit halves. */
export const polynomialHigh = 0xc96c5795;
export const polynomialLow = 0xd7870f42;

let high: Uint32Array | undefined;
let low: Uint32Array | undefined;

function makeTables(): void {
  high = new Uint32Array(256);
  low = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let h = 0;
    let l = byte;
    for (let bit = 0; bit < 8; bit++) {
      const odd = l & 1;
      l = (l >>> 1) | (h << 31);
      h >>>= 1;
      if (odd) {
        h ^= polynomialHigh;
        l ^= polynomialLow;
      }
    }
    high[byte] = h;
    low[byte] = l;
  }
}

/** The variant that runs everywhere: one table in plain JavaScript. */
export function startTable(): RunningChecksum {
  if (high === undefined) makeTables();
  const tableHigh = high!;
  const tableLow = low!;
  let h = -1;
  let l = -1;
  return {
    update(bytes) {
      let hi = h;
      let lo = l;
      for (let at = 0; at < bytes.length; at++) {
        const slot = (lo ^ bytes[at]!) & 255;
        lo = ((lo >>> 8) | (hi << 24)) ^ tableLow[slot]!;
        hi = (hi >>> 8) ^ tableHigh[slot]!;
      }
      h = hi;
      l = lo;
    },
    value: () => toDecimal(~h, ~l),
    release() {},
  };
}

/** The text form: an unsigned decimal number. */
export function toDecimal(highHalf: number, lowHalf: number): string {
  return ((BigInt(highHalf >>> 0) << 32n) | BigInt(lowHalf >>> 0)).toString();
}
