import {
  add32,
  assemble,
  call,
  copy,
  doWhile,
  fill,
  get,
  getGlobal,
  i32,
  i64,
  select,
  set,
  setGlobal,
  types,
  v128,
  when,
  whileLoop,
} from "./wasm-assembler.mjs";

/**
 * Makes the WebAssembly module of CRC-64/XZ. Two ways through it:
 *
 * `slice` is table driven, 16 bytes a step ("slicing by 16"): no set-up, for small bodies.
 *
 * `update` folds. Q(x) = x^1498 + x^1272 + x^1163 + x^1018 + x^316 + x^132 + x^105 + 1 is a multiple of the CRC's
 * polynomial P, so Q(x^128) = Q(x)^128 is one too, and XORing a multiple of it into a message leaves the CRC as it is.
 * Word by word of 128 bits that removes the message from its front: each word is XORed into those that lie 226, 335, …,
 * 1498 words later, or, seen from the later word, out[i] = in[i] ^ out[i-226] ^ … ^ out[i-1498]. Only the last 1498
 * words are left, kept in a ring, and `folded` does those with the table.
 *
 * Speed is bound by loads: 8 of 16 bytes for each word. A multiple of 6 terms would save two, but by counting the
 * smallest is to be expected at a degree near 16,000 (none was searched for). Measured with made-up exponents of that
 * size: a quarter faster with a ring of 256 KiB, whose end would take ten times as long; 5 % faster with one of 16 KiB
 * of unaligned words. Neither is worth it.
 */
const polynomial = 0xc96c5795d7870f42n;
const ones = 0xffffffffffffffffn;
export const exponents = [1498, 1272, 1163, 1018, 316, 132, 105, 0];
const depth = exponents[0];
const taps = exponents
  .slice(1)
  .map((exponent) => depth - exponent)
  .sort((a, b) => a - b);

const word = 16;
/** Words done in a row before the pointers move; at most the nearest tap. Measured: 16 to 47 are equal, 4 and 8 slower. */
const unroll = 16;
const block = unroll * word;
/** Words of the ring: `depth`, rounded up to whole blocks. */
const ring = Math.ceil(depth / unroll) * unroll * word;

/** Addresses. One page of 64 KiB holds all but the chunks. */
const tables = 0;
const tableSize = 256 * 8;
/** A copy of the ring's last block, so that a block read across the ring's end is read in one go. */
const front = tables + 16 * tableSize;
const start = front + block;
const end = start + ring;
/** Bytes that do not fill a block yet. */
const pending = end;
/** Room for bytes that come from another memory, to the end of the page. */
const staging = pending + block;
const pageSize = 65536;
export const layout = { staging, stagingSize: pageSize - staging, chunks: pageSize };

const global = { crc: 0, store: 1, pending: 2 };
const functionIndex = { crcOf: 0, fold: 1 };
const c32 = i32.const;

const lowByte = (value) => i32.and(i32.fromI64(value), c32(255));
const entry = (index, table = 0) => i64.load(i32.shl(index, c32(3)), tables + table * tableSize);
const oneByte = (crc, byte) =>
  i64.xor(i64.shrU(crc, i64.const(8n)), entry(lowByte(i64.xor(crc, i64.fromI32(byte)))));

/** CRC after 16 bytes, given as two locals; the first has the CRC before XORed in. */
function sixteenBytes(first, second) {
  const terms = Array.from({ length: 16 }, (_, n) => {
    const shifted = i64.shrU(get(n < 8 ? first : second), i64.const(BigInt((n & 7) * 8)));
    return entry(lowByte(shifted), 15 - n);
  });
  return terms.reduce((all, term) => i64.xor(all, term));
}

/** tables(): table n gives the CRC of a byte followed by n zero bytes. */
function tablesFunction() {
  const [at, crc, bit] = [0, 1, 2];
  const odd = i64.and(get(crc), i64.const(1n));
  return {
    name: "tables",
    params: [],
    results: [],
    locals: [types.i32, types.i64, types.i32],
    body: [
      doWhile(
        i32.ltU(get(at), c32(tableSize)),
        set(crc, i64.fromI32(i32.shrU(get(at), c32(3)))),
        set(bit, c32(8)),
        doWhile(
          get(bit),
          set(
            crc,
            i64.xor(
              i64.shrU(get(crc), i64.const(1n)),
              i64.and(i64.sub(i64.const(0n), odd), i64.const(polynomial)),
            ),
          ),
          add32(bit, -1),
        ),
        i64.store(get(at), get(crc), tables),
        add32(at, 8),
      ),
      doWhile(
        i32.ltU(get(at), c32(16 * tableSize)),
        set(crc, i64.load(i32.sub(get(at), c32(tableSize)), tables)),
        i64.store(get(at), oneByte(get(crc), c32(0)), tables),
        add32(at, 8),
      ),
    ],
  };
}

/** crcOf(crc, address, size): goes on from `crc`, 16 bytes a step, then single ones. */
function crcOfFunction() {
  const [crc, at, size, stop, first, second] = [0, 1, 2, 3, 4, 5];
  return {
    params: [types.i64, types.i32, types.i32],
    results: [types.i64],
    locals: [types.i32, types.i64, types.i64],
    body: [
      set(stop, i32.add(get(at), i32.and(get(size), c32(-16)))),
      whileLoop(
        i32.ltU(get(at), get(stop)),
        set(first, i64.xor(get(crc), i64.load(get(at)))),
        set(second, i64.load(get(at), 8)),
        set(crc, sixteenBytes(first, second)),
        add32(at, 16),
      ),
      set(stop, i32.add(get(at), i32.and(get(size), c32(15)))),
      whileLoop(i32.ltU(get(at), get(stop)), set(crc, oneByte(get(crc), i32.load8(get(at)))), add32(at, 1)),
      get(crc),
    ],
  };
}

/** fold(address, blocks): moves `blocks` blocks through the ring. */
function foldFunction() {
  const [from, blocks, run, most, store] = [0, 1, 2, 3, 4];
  const pointers = taps.map((_, n) => 5 + n);
  const movers = [from, store, ...pointers];
  const lastBlock = end - block;
  const oneWord = (n) => {
    const words = [from, ...pointers].map((pointer) => v128.load(get(pointer), n * word));
    return v128.store(
      get(store),
      words.reduce((all, next) => v128.xor(all, next)),
      n * word,
    );
  };
  return {
    params: [types.i32, types.i32],
    results: [],
    locals: [run, most, store, ...pointers].map(() => types.i32),
    body: [
      set(store, getGlobal(global.store)),
      pointers.map((pointer, n) => [
        set(pointer, i32.sub(get(store), c32(taps[n] * word))),
        when(i32.ltS(get(pointer), c32(front + 1)), set(pointer, i32.add(get(pointer), c32(ring)))),
        when(i32.gtU(get(pointer), c32(lastBlock)), set(pointer, i32.sub(get(pointer), c32(ring)))),
      ]),
      whileLoop(
        get(blocks),
        set(run, get(blocks)),
        // As many blocks as can be done before one of the pointers must go back to the ring's start.
        [store, ...pointers].map((pointer) => [
          set(most, i32.divU(i32.sub(c32(end), get(pointer)), c32(block))),
          when(i32.ltU(get(most), get(run)), set(run, get(most))),
        ]),
        set(blocks, i32.sub(get(blocks), get(run))),
        doWhile(
          get(run),
          Array.from({ length: unroll }, (_, n) => oneWord(n)),
          movers.map((pointer) => add32(pointer, block)),
          add32(run, -1),
        ),
        when(
          i32.eq(get(store), c32(end)),
          copy(c32(front), c32(lastBlock), c32(block)),
          set(store, c32(start)),
        ),
        pointers.map((pointer) =>
          when(i32.gtU(get(pointer), c32(lastBlock)), set(pointer, i32.sub(get(pointer), c32(ring)))),
        ),
      ),
      setGlobal(global.store, get(store)),
    ],
  };
}

/** update(address, size): folds whole blocks and keeps the rest pending. */
function updateFunction() {
  const [at, size, count] = [0, 1, 2];
  const waiting = getGlobal(global.pending);
  const room = i32.sub(c32(block), waiting);
  return {
    name: "update",
    params: [types.i32, types.i32],
    results: [],
    locals: [types.i32],
    body: [
      when(
        waiting,
        set(count, select(get(size), room, i32.ltU(get(size), room))),
        copy(i32.add(c32(pending), waiting), get(at), get(count)),
        setGlobal(global.pending, i32.add(waiting, get(count))),
        set(at, i32.add(get(at), get(count))),
        set(size, i32.sub(get(size), get(count))),
        when(
          i32.eq(waiting, c32(block)),
          call(functionIndex.fold, c32(pending), c32(1)),
          setGlobal(global.pending, c32(0)),
        ),
      ),
      when(
        get(size),
        set(count, i32.divU(get(size), c32(block))),
        call(functionIndex.fold, get(at), get(count)),
        set(at, i32.add(get(at), i32.and(get(size), c32(-block)))),
        set(size, i32.and(get(size), c32(block - 1))),
        copy(c32(pending), get(at), get(size)),
        setGlobal(global.pending, get(size)),
      ),
    ],
  };
}

/** folded(): value of all that `update` was given; changes nothing. */
function foldedFunction() {
  const [age, at, other, crc, first, second, sum] = [0, 1, 2, 3, 4, 5, 6];
  return {
    name: "folded",
    params: [],
    results: [types.i64],
    locals: [types.i32, types.i32, types.i32, types.i64, types.i64, types.i64, types.v128],
    body: [
      set(at, i32.sub(getGlobal(global.store), c32(depth * word))),
      when(i32.ltU(get(at), c32(start)), set(at, i32.add(get(at), c32(ring)))),
      doWhile(
        i32.ltU(get(age), c32(depth)),
        set(sum, v128.load(get(at))),
        // The words left are not to be removed: what they gave to their followers is taken back.
        taps
          .slice(0, -1)
          .map((tap) =>
            when(
              i32.geU(get(age), c32(tap)),
              set(other, i32.sub(get(at), c32(tap * word))),
              when(i32.ltU(get(other), c32(start)), set(other, i32.add(get(other), c32(ring)))),
              set(sum, v128.xor(get(sum), v128.load(get(other)))),
            ),
          ),
        set(first, i64.xor(get(crc), i64.lane(get(sum), 0))),
        set(second, i64.lane(get(sum), 1)),
        set(crc, sixteenBytes(first, second)),
        add32(at, word),
        when(i32.eq(get(at), c32(end)), set(at, c32(start))),
        add32(age, 1),
      ),
      i64.xor(call(functionIndex.crcOf, get(crc), c32(pending), getGlobal(global.pending)), i64.const(ones)),
    ],
  };
}

/** The 8 bytes that take the CRC from 0 to all ones, its starting value. */
function opening() {
  let value = ones;
  for (let bit = 0; bit < 64; bit++) {
    const odd = value >> 63n;
    value = (((odd ? value ^ polynomial : value) << 1n) & ones) | odd;
  }
  return value;
}

/**
 * reset(): an empty message. For `update` it is one that begins with a word of its own, which brings the CRC to its
 * starting value, so that nothing is special about the first word that comes.
 */
function resetFunction() {
  return {
    name: "reset",
    params: [],
    results: [],
    locals: [],
    body: [
      setGlobal(global.crc, i64.const(ones)),
      setGlobal(global.store, c32(start)),
      setGlobal(global.pending, c32(0)),
      fill(c32(front), c32(0), c32(block + ring)),
      // The word before the first, where it stands in the ring and in the copy of the ring's last block.
      i64.store(c32(end - 8), i64.const(opening())),
      i64.store(c32(start - 8), i64.const(opening())),
    ],
  };
}

/** slice(address, size) and sliced(): update and value of the way by table. */
function sliceFunctions() {
  return [
    {
      name: "slice",
      params: [types.i32, types.i32],
      results: [],
      locals: [],
      body: setGlobal(global.crc, call(functionIndex.crcOf, getGlobal(global.crc), get(0), get(1))),
    },
    {
      name: "sliced",
      params: [],
      results: [types.i64],
      locals: [],
      body: i64.xor(getGlobal(global.crc), i64.const(ones)),
    },
  ];
}

/** The module's bytes. */
export function crc64Wasm() {
  return assemble({
    pages: 1,
    globals: [
      { type: types.i64, value: i64.const(0n) },
      { type: types.i32, value: c32(start) },
      { type: types.i32, value: c32(0) },
    ],
    functions: [
      crcOfFunction(),
      foldFunction(),
      tablesFunction(),
      resetFunction(),
      updateFunction(),
      foldedFunction(),
      ...sliceFunctions(),
    ],
  });
}
