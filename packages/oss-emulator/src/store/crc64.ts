import { updateRegister } from "./crc64-wasm.js";

/**
 * CRC-64/XZ, the checksum OSS reports as `x-oss-hash-crc64ecma`.
 *
 * Written for this package alone: the emulator shares no code with the client on purpose, so that one
 * mistake cannot hide in both.
 */

const POLYNOMIAL = 0xc96c5795d7870f42n;
const ALL_ONES = 0xffffffffffffffffn;

/** A running CRC-64. */
export class Crc64 {
  #register = ALL_ONES;

  update(bytes: Uint8Array): void {
    this.#register = updateRegister(this.#register, bytes);
  }

  digest(): bigint {
    return this.#register ^ ALL_ONES;
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
