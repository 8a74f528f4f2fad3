import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { RunningChecksum } from "../contracts/checksum.js";
import { moduleText } from "./crc64-wasm.js";
import { crc64ecma } from "./index.js";
import { startTable } from "./table.js";
import { startWasm } from "./wasm.js";

/** The definition, bit by bit: what everything else is compared with. */
function reference(bytes: Uint8Array): string {
  let crc = 0xffffffffffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = (crc >> 1n) ^ (crc & 1n ? 0xc96c5795d7870f42n : 0n);
  }
  return (crc ^ 0xffffffffffffffffn).toString();
}

/** Bytes without a pattern, the same ones each time. */
function noise(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = seed;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

function finish(running: RunningChecksum): string {
  const value = running.value();
  running.release(true);
  return value;
}

const variants: Record<string, () => RunningChecksum> = {
  fold: () => startWasm("fold")!,
  slice: () => startWasm("slice", 1000)!,
  table: startTable,
  "chosen by size": () => crc64ecma.start(),
};

const text = (words: string) => new TextEncoder().encode(words);
const known: [string, Uint8Array, string][] = [
  ["nothing", new Uint8Array(0), "0"],
  ["a", text("a"), "3675645893302102789"],
  ["hello", text("hello"), "11177612005948864433"],
  ["Hello World", text("Hello World"), "4500349916731002310"],
  ["123456789", text("123456789"), "11051210869376104954"],
  ["1234", text("1234"), "14865968487149912872"],
  ["56789", text("56789"), "7598038797645275211"],
  ["102400 zero bytes", new Uint8Array(102_400), "15337097285471591505"],
];

it("has a reference that knows the published values", () => {
  for (const [, bytes, value] of known) expect(reference(bytes)).toBe(value);
});

describe.each(Object.entries(variants))("%s", (_name, start) => {
  it("knows the published values", () => {
    for (const [, bytes, value] of known) {
      const running = start();
      running.update(bytes);
      expect(finish(running)).toBe(value);
    }
  });

  it("equals the reference, however the bytes are cut", () => {
    // Long enough for the fold's ring of 24,064 bytes to go round.
    const all = noise(70_000);
    fc.assert(
      fc.property(
        fc.nat(200),
        fc.nat(69_000),
        fc.array(fc.oneof(fc.nat(40), fc.nat(9000)), { maxLength: 12 }),
        (offset, size, cuts) => {
          const bytes = all.subarray(offset, offset + size);
          const running = start();
          let at = 0;
          for (const cut of cuts) {
            running.update(bytes.subarray(at, at + cut));
            at = Math.min(at + cut, bytes.length);
          }
          running.update(bytes.subarray(at));
          expect(finish(running)).toBe(reference(bytes));
        },
      ),
      { numRuns: 12 },
    );
  });

  it("tells its value at any time and goes on", () => {
    const bytes = noise(1000, 3);
    const running = start();
    for (let at = 0; at < bytes.length; at += 125) {
      expect(running.value()).toBe(reference(bytes.subarray(0, at)));
      running.update(bytes.subarray(at, at + 125));
    }
    expect(finish(running)).toBe(reference(bytes));
  });
});

it("agrees with the table over many megabytes, in place and from elsewhere", () => {
  const bytes = noise(3_333_333, 7);
  const table = startTable();
  table.update(bytes);
  const expected = finish(table);
  const foreign = startWasm("fold")!;
  foreign.update(bytes);
  expect(finish(foreign)).toBe(expected);
  for (const variant of ["fold", "slice"] as const) {
    const inPlace = startWasm(variant)!;
    for (let at = 0; at < bytes.length; ) {
      const chunk = inPlace.buffers!.take();
      // An odd start and size, so that words lie across the fold's blocks.
      const piece = chunk.subarray(5, 5 + Math.min(500_001, bytes.length - at));
      piece.set(bytes.subarray(at, at + piece.length));
      inPlace.update(piece);
      at += piece.length;
    }
    expect(finish(inPlace)).toBe(expected);
  }
});

it("folds by a polynomial that is a multiple of the CRC's", async () => {
  const { exponents } = await generator("crc64-wasm.mjs");
  let rest = 0n;
  for (const exponent of exponents) rest ^= 1n << BigInt(exponent);
  expect(exponents).toHaveLength(8);
  const divisor = 0x142f0e1eba9ea3693n;
  for (let bit = 1498n; bit >= 64n; bit--) if ((rest >> bit) & 1n) rest ^= divisor << (bit - 64n);
  expect(rest).toBe(0n);
});

it("carries the module that the generator makes", async () => {
  const { generatedSource } = await generator("generated-source.mjs");
  expect(await readFile(new URL("./crc64-wasm.ts", import.meta.url), "utf8")).toBe(generatedSource());
  // Chrome's main thread compiles no more than this at once.
  expect(atob(moduleText).length).toBeLessThan(4096);
});

// biome-ignore lint/suspicious/noExplicitAny: the generator is plain JavaScript and has no types.
function generator(name: string): Promise<any> {
  return import(new URL(`../../scripts/${name}`, import.meta.url).href);
}

describe("buffers", () => {
  it("are two chunks in turn, small ones for small bodies", () => {
    for (const [size, chunkSize] of [
      [undefined, 524_288],
      [10_000_000, 524_288],
      [65_536, 65_536],
      [0, 65_536],
    ] as const) {
      const running = crc64ecma.start(size);
      const { buffers } = running;
      expect(buffers!.chunkSize).toBe(chunkSize);
      const [first, second, third] = [buffers!.take(), buffers!.take(), buffers!.take()];
      expect([first.length, second.length]).toEqual([chunkSize, chunkSize]);
      expect(first.byteOffset).not.toBe(second.byteOffset);
      expect(third).toBe(first);
      expect(first.buffer.byteLength).toBeLessThanOrEqual(2 * chunkSize + 65_536);
      expect(Object.getPrototypeOf(first)).toBe(Uint8Array.prototype);
      running.release(true);
    }
  });

  it("come back when they may be used again, and never otherwise", () => {
    const first = crc64ecma.start();
    const memory = first.buffers!.take().buffer;
    first.update(noise(300));
    first.release(true);
    const second = crc64ecma.start();
    expect(second.buffers!.take().buffer).toBe(memory);
    expect(second.value()).toBe("0");
    second.release(false);
    const third = crc64ecma.start();
    expect(third.buffers!.take().buffer).not.toBe(memory);
    third.release(true);
  });

  it("leave a released checksum", () => {
    const running = crc64ecma.start();
    running.release(true);
    running.release(true);
    expect(() => running.update(noise(1))).toThrow(/released/);
    const [a, b] = [crc64ecma.start(), crc64ecma.start()];
    expect(a.buffers!.take().buffer).not.toBe(b.buffers!.take().buffer);
    a.release(true);
    b.release(true);
  });
});

describe("where WebAssembly is", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  const worlds: Record<string, unknown> = {
    missing: undefined,
    "without SIMD": {
      ...functionsOf(WebAssembly),
      Module: class {
        constructor() {
          throw new WebAssembly.CompileError("invalid opcode 0xfd");
        }
      },
    },
    "out of memory": {
      ...functionsOf(WebAssembly),
      Memory: class {
        constructor() {
          throw new RangeError("WebAssembly.Memory(): could not allocate memory");
        }
      },
    },
  };

  it.each(Object.entries(worlds))("%s, the table does it", async (_name, world) => {
    vi.resetModules();
    vi.stubGlobal("WebAssembly", world);
    const fresh = await import("./index.js");
    const running = fresh.crc64ecma.start(1_000_000);
    expect(running.buffers).toBeUndefined();
    running.update(text("123456789"));
    expect(finish(running)).toBe("11051210869376104954");
  });
});

function functionsOf(world: typeof WebAssembly): Record<string, unknown> {
  return { Module: world.Module, Instance: world.Instance, Memory: world.Memory };
}
