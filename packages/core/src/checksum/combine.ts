import { polynomialHigh, polynomialLow, toDecimal } from "./table.js";

/**
 * A linear map of 64 bits to 64 bits, applied byte by byte: for each of the 8 bytes of the input, 256 images of two
 * 32-bit halves. 16 KiB; applying it takes 8 steps.
 */
type Operator = Uint32Array<ArrayBuffer>;

/** Images of the 64 single bits: `[high, low]` of bit 0, of bit 1, … */
type Columns = Uint32Array<ArrayBuffer>;

/** `powers[n]` passes 2^n zero bytes. */
const powers: Columns[] = [];

/** Operators of the sizes seen last, oldest first. Parts have one size, but for the last. */
const operators = new Map<number, Operator>();
const operatorsKept = 32;

/** For tests: what was computed so far. */
export const combineCounts = { operators: 0, powers: 0 };

/** Checksum of A followed by B, both in text form. */
export function combine(a: string, b: string, sizeOfB: number): string {
  if (!Number.isSafeInteger(sizeOfB) || sizeOfB < 0) {
    throw new RangeError(`sizeOfB is ${sizeOfB}; it must be a whole number of bytes, 0 or more`);
  }
  const first = parse(a);
  const second = parse(b);
  if (sizeOfB === 0) return first.toString();
  const operator = operatorFor(sizeOfB);
  let high = Number(second >> 32n);
  let low = Number(second & 0xffffffffn);
  let halves = Number(first & 0xffffffffn);
  for (let byte = 0; byte < 8; byte++) {
    if (byte === 4) halves = Number(first >> 32n);
    const slot = ((byte << 8) | ((halves >>> ((byte & 3) * 8)) & 255)) * 2;
    high ^= operator[slot]!;
    low ^= operator[slot + 1]!;
  }
  return toDecimal(high, low);
}

function parse(text: string): bigint {
  const value = /^\d{1,20}$/.test(text) ? BigInt(text) : -1n;
  if (value < 0n || value > 0xffffffffffffffffn) {
    throw new RangeError(`"${text}" is no crc64ecma: an unsigned decimal number of 64 bits`);
  }
  return value;
}

function operatorFor(size: number): Operator {
  const known = operators.get(size);
  if (known !== undefined) {
    operators.delete(size);
    operators.set(size, known);
    return known;
  }
  const made = toOperator(columnsFor(size));
  combineCounts.operators++;
  operators.set(size, made);
  if (operators.size > operatorsKept) operators.delete(operators.keys().next().value!);
  return made;
}

function columnsFor(size: number): Columns {
  let columns: Columns | undefined;
  for (let bit = 0, rest = size; rest > 0; bit++, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 0) continue;
    const power = powerOf(bit);
    columns = columns === undefined ? power : multiply(power, columns);
  }
  return columns!;
}

function powerOf(bit: number): Columns {
  while (powers.length <= bit) {
    const last = powers.at(-1);
    powers.push(last === undefined ? zeroByte() : multiply(last, last));
    combineCounts.powers++;
  }
  return powers[bit]!;
}

/** The map of one zero byte: eight times that of one zero bit. */
function zeroByte(): Columns {
  let columns: Columns = new Uint32Array(128);
  columns[0] = polynomialHigh;
  columns[1] = polynomialLow;
  for (let bit = 1; bit < 64; bit++) columns[bit * 2 + (bit > 32 ? 0 : 1)] = 2 ** ((bit - 1) % 32);
  for (let doubling = 0; doubling < 3; doubling++) columns = multiply(columns, columns);
  return columns;
}

/** The map `after` of the images of `before`. */
function multiply(after: Columns, before: Columns): Columns {
  const columns: Columns = new Uint32Array(128);
  for (let column = 0; column < 128; column += 2) {
    let high = 0;
    let low = 0;
    for (let half = 0; half < 2; half++) {
      let bits = before[column + 1 - half]!;
      for (let row = half * 64; bits !== 0; bits >>>= 1, row += 2) {
        if ((bits & 1) === 0) continue;
        high ^= after[row]!;
        low ^= after[row + 1]!;
      }
    }
    columns[column] = high;
    columns[column + 1] = low;
  }
  return columns;
}

function toOperator(columns: Columns): Operator {
  const operator: Operator = new Uint32Array(8 * 256 * 2);
  for (let bit = 0; bit < 64; bit++) {
    const table = (bit >> 3) << 9;
    const step = 1 << (bit & 7);
    for (let slot = 0; slot < step; slot++) {
      operator[table + (step + slot) * 2] = operator[table + slot * 2]! ^ columns[bit * 2]!;
      operator[table + (step + slot) * 2 + 1] = operator[table + slot * 2 + 1]! ^ columns[bit * 2 + 1]!;
    }
  }
  return operator;
}
