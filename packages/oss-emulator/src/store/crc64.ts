/**
 * CRC-64/XZ, the checksum OSS reports as `x-oss-hash-crc64ecma`.
 *
 * Written for this package alone: the emulator shares no code with the client on purpose, so that one
 * mistake cannot hide in both.
 */

const POLYNOMIAL = 0xc96c5795d7870f42n;
const ALL_ONES = 0xffffffffffffffffn;

const HIGH = new Uint32Array(256);
const LOW = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let value = BigInt(byte);
  for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ POLYNOMIAL : value >> 1n;
  HIGH[byte] = Number(value >> 32n);
  LOW[byte] = Number(value & 0xffffffffn);
}

/** A running CRC-64, kept as two 32-bit halves because BigInt arithmetic per byte is thirty times slower. */
export class Crc64 {
  #high = 0xffffffff;
  #low = 0xffffffff;

  update(bytes: Uint8Array): void {
    let high = this.#high;
    let low = this.#low;
    for (let i = 0; i < bytes.length; i++) {
      const index = (low ^ bytes[i]!) & 255;
      low = ((low >>> 8) | (high << 24)) ^ LOW[index]!;
      high = (high >>> 8) ^ HIGH[index]!;
    }
    this.#high = high;
    this.#low = low;
  }

  digest(): bigint {
    return ((BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0)) ^ ALL_ONES;
  }
}

type Matrix = readonly bigint[];

function apply(matrix: Matrix, vector: bigint): bigint {
  let sum = 0n;
  for (let bit = 0; vector !== 0n; bit++, vector >>= 1n) if (vector & 1n) sum ^= matrix[bit]!;
  return sum;
}

function multiply(left: Matrix, right: Matrix): Matrix {
  return right.map((row) => apply(left, row));
}

/** What appending `length` zero bytes does to a CRC, as a matrix over GF(2). */
function zeros(length: number): Matrix {
  let power: Matrix = [POLYNOMIAL, ...Array.from({ length: 63 }, (_, bit) => 1n << BigInt(bit))];
  for (let doubling = 0; doubling < 3; doubling++) power = multiply(power, power);
  let result: Matrix = Array.from({ length: 64 }, (_, bit) => 1n << BigInt(bit));
  for (let rest = BigInt(length); rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = multiply(power, result);
    power = multiply(power, power);
  }
  return result;
}

/** The CRC of several pieces in a row, from each piece's CRC and length. */
export function combineCrc64(pieces: Iterable<{ crc64: bigint; size: number }>): bigint {
  const matrices = new Map<number, Matrix>();
  let crc = 0n;
  for (const piece of pieces) {
    if (piece.size === 0) continue;
    let matrix = matrices.get(piece.size);
    if (!matrix) {
      matrix = zeros(piece.size);
      matrices.set(piece.size, matrix);
    }
    crc = apply(matrix, crc) ^ piece.crc64;
  }
  return crc;
}
