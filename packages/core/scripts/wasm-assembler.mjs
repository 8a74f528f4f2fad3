/** The little of WebAssembly's binary format that crc64-wasm.mjs needs. Every helper returns an array of bytes. */

export const unsigned = (value) => {
  const bytes = [];
  let rest = value;
  do {
    const low = rest & 127;
    rest >>>= 7;
    bytes.push(rest ? low | 128 : low);
  } while (rest);
  return bytes;
};

export const signed = (value) => {
  const bytes = [];
  let rest = BigInt(value);
  for (;;) {
    const low = Number(rest & 127n);
    rest >>= 7n;
    if ((rest === 0n && !(low & 64)) || (rest === -1n && low & 64)) return [...bytes, low];
    bytes.push(low | 128);
  }
};

const name = (text) => [...unsigned(text.length), ...new TextEncoder().encode(text)];
const list = (items) => [...unsigned(items.length), ...items.flat()];
const section = (id, content) => [id, ...unsigned(content.length), ...content];

export const types = { i32: 0x7f, i64: 0x7e, v128: 0x7b };

const op =
  (...code) =>
  (...operands) => [...operands.flat(), ...code];
const memoryOp =
  (align, ...code) =>
  (address, offset = 0, ...more) => [...address, ...more.flat(), ...code, align, ...unsigned(offset)];

export const get = (local) => [0x20, ...unsigned(local)];
export const set = (local, value) => [...value, 0x21, ...unsigned(local)];
export const add32 = (local, step) => set(local, i32.add(get(local), i32.const(step)));
export const getGlobal = (index) => [0x23, ...unsigned(index)];
export const setGlobal = (index, value) => [...value, 0x24, ...unsigned(index)];
export const call = (index, ...operands) => [...operands.flat(), 0x10, ...unsigned(index)];
/** Runs `body` while `condition`, looked at first. */
export const whileLoop = (condition, ...body) => [
  ...[0x02, 0x40, 0x03, 0x40],
  ...condition,
  ...[0x45, 0x0d, 1],
  ...body.flat(9),
  ...[0x0c, 0, 0x0b, 0x0b],
];
/** Runs `body` while `condition`, looked at last. */
export const doWhile = (condition, ...body) => [0x03, 0x40, ...body.flat(9), ...condition, 0x0d, 0, 0x0b];
export const when = (condition, ...body) => [...condition, 0x04, 0x40, ...body.flat(9), 0x0b];
export const select = (yes, no, condition) => [...yes, ...no, ...condition, 0x1b];
export const fill = (to, value, size) => [...to, ...value, ...size, 0xfc, 0x0b, 0];
export const copy = (to, from, size) => [...to, ...from, ...size, 0xfc, 0x0a, 0, 0];

export const i32 = {
  const: (value) => [0x41, ...signed(value)],
  add: op(0x6a),
  sub: op(0x6b),
  divU: op(0x6e),
  and: op(0x71),
  shl: op(0x74),
  shrU: op(0x76),
  eq: op(0x46),
  ltU: op(0x49),
  ltS: op(0x48),
  gtU: op(0x4b),
  geU: op(0x4f),
  fromI64: op(0xa7),
  load8: memoryOp(0, 0x2d),
};

export const i64 = {
  const: (value) => [0x42, ...signed(BigInt.asIntN(64, value))],
  and: op(0x83),
  xor: op(0x85),
  sub: op(0x7d),
  shrU: op(0x88),
  fromI32: op(0xad),
  load: memoryOp(0, 0x29),
  store: (address, value, offset = 0) => [...address, ...value, 0x37, 0, ...unsigned(offset)],
  lane: (vector, lane) => [...vector, 0xfd, 0x1d, lane],
};

export const v128 = {
  load: memoryOp(0, 0xfd, 0x00),
  store: (address, value, offset = 0) => [...address, ...value, 0xfd, 0x0b, 0, ...unsigned(offset)],
  xor: op(0xfd, 0x51),
};

/**
 * A module that imports its memory as `m.m`.
 * @param {{ pages: number, globals: { type: number, value: number[] }[],
 *   functions: { name?: string, params: number[], results: number[], locals: number[], body: number[] }[] }} parts
 */
export function assemble({ pages, globals, functions }) {
  const signatures = functions.map((f) => [
    0x60,
    ...list(f.params.map((t) => [t])),
    ...list(f.results.map((t) => [t])),
  ]);
  const code = functions.map((f) => {
    const body = [...list(f.locals.map((type) => [1, type])), ...f.body.flat(9), 0x0b];
    return [...unsigned(body.length), ...body];
  });
  const named = functions.flatMap((f, index) => (f.name ? [[...name(f.name), 0, ...unsigned(index)]] : []));
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(signatures)),
    ...section(2, list([[...name("m"), ...name("m"), 2, 0, ...unsigned(pages)]])),
    ...section(3, list(functions.map((_, index) => unsigned(index)))),
    ...section(6, list(globals.map((g) => [g.type, 1, ...g.value, 0x0b]))),
    ...section(7, list(named)),
    ...section(10, list(code)),
  ]);
}
