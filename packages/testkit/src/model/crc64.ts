/** CRC-64/XZ of bytes as an unsigned decimal number: the testkit's own, so that core cannot be wrong in the same way. */
export function crc64(bytes: Uint8Array): string {
  let high = 0xffffffff;
  let low = 0xffffffff;
  for (const byte of bytes) {
    const index = (low ^ byte) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (tableLow[index] as number);
    high = (high >>> 8) ^ (tableHigh[index] as number);
  }
  return ((BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0)).toString();
}

/** The polynomial 0x42F0E1EBA9EA3693, bits reversed. */
const reversed = 0xc96c5795d7870f42n;
const tableHigh = new Int32Array(256);
const tableLow = new Int32Array(256);

for (let index = 0; index < 256; index++) {
  let remainder = BigInt(index);
  for (let bit = 0; bit < 8; bit++) {
    remainder = (remainder & 1n) === 1n ? (remainder >> 1n) ^ reversed : remainder >> 1n;
  }
  tableHigh[index] = Number(BigInt.asIntN(32, remainder >> 32n));
  tableLow[index] = Number(BigInt.asIntN(32, remainder));
}
