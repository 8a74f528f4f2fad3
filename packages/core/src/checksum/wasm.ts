import type { RunningChecksum } from "../contracts/checksum.js";
import { layout, moduleText } from "./crc64-wasm.js";

/** Functions of the module; see packages/core/scripts/crc64-wasm.mjs. */
interface Exports {
  tables(): void;
  reset(): void;
  update(address: number, size: number): void;
  folded(): bigint;
  slice(address: number, size: number): void;
  sliced(): bigint;
}

/** One instance with a memory of its own: a page for the algorithm, then two chunks for a reader. */
interface Slot {
  readonly run: Exports;
  readonly memory: ArrayBuffer;
  readonly staging: Uint8Array;
  readonly chunks: readonly [Uint8Array, Uint8Array];
  readonly chunkSize: number;
}

/** `fold` takes 0.08 µs a KiB and 13 µs at the end, `slice` 0.5 µs a KiB (bench/crc64.mjs). */
export type WasmVariant = "fold" | "slice";

const pageSize = 65_536;
const largeChunk = 512 * 1024;
const smallChunk = 64 * 1024;

/** Slots kept for the next checksum, by chunk size; 1.1 MiB each at most. */
const idle = new Map<number, Slot[]>();
const idleKept = 64;

let compiled: WebAssembly.Module | null | undefined;

/** `null` where there is no WebAssembly, or none with SIMD, or a page's policy forbids it. */
function theModule(): WebAssembly.Module | null {
  if (compiled === undefined) {
    try {
      compiled = new WebAssembly.Module(Uint8Array.from(atob(moduleText), (c) => c.charCodeAt(0)));
    } catch {
      compiled = null;
    }
  }
  return compiled;
}

function takeSlot(chunkSize: number): Slot | undefined {
  const module = theModule();
  if (module === null) return undefined;
  return idle.get(chunkSize)?.pop() ?? makeSlot(module, chunkSize);
}

function makeSlot(module: WebAssembly.Module, chunkSize: number): Slot | undefined {
  const pages = 1 + (2 * chunkSize) / pageSize;
  try {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const run = new WebAssembly.Instance(module, { m: { m: memory } }).exports as unknown as Exports;
    run.tables();
    return {
      run,
      memory: memory.buffer,
      staging: new Uint8Array(memory.buffer, layout.staging, layout.stagingSize),
      chunks: [
        new Uint8Array(memory.buffer, layout.chunks, chunkSize),
        new Uint8Array(memory.buffer, layout.chunks + chunkSize, chunkSize),
      ],
      chunkSize,
    };
  } catch {
    // No memory of this kind is left: the caller has a way without.
    return undefined;
  }
}

function giveBack(slot: Slot): void {
  const slots = idle.get(slot.chunkSize) ?? [];
  idle.set(slot.chunkSize, slots);
  if (slots.length < idleKept) slots.push(slot);
}

/** `undefined` where this variant cannot run. */
export function startWasm(variant: WasmVariant, expectedSize = Infinity): RunningChecksum | undefined {
  const slot = takeSlot(expectedSize <= smallChunk ? smallChunk : largeChunk);
  if (slot === undefined) return undefined;
  slot.run.reset();
  return new WasmChecksum(slot, variant);
}

class WasmChecksum implements RunningChecksum {
  readonly buffers;
  #slot: Slot | undefined;
  readonly #folding: boolean;

  constructor(slot: Slot, variant: WasmVariant) {
    let taken = 0;
    this.buffers = { chunkSize: slot.chunkSize, take: () => this.#open().chunks[taken++ & 1]! };
    this.#slot = slot;
    this.#folding = variant === "fold";
  }

  update(bytes: Uint8Array): void {
    const slot = this.#open();
    if (bytes.buffer === slot.memory) {
      this.#hash(slot, bytes.byteOffset, bytes.byteLength);
      return;
    }
    for (let at = 0; at < bytes.byteLength; at += layout.stagingSize) {
      const size = Math.min(layout.stagingSize, bytes.byteLength - at);
      slot.staging.set(size === bytes.byteLength ? bytes : bytes.subarray(at, at + size));
      this.#hash(slot, layout.staging, size);
    }
  }

  value(): string {
    const { run } = this.#open();
    return BigInt.asUintN(64, this.#folding ? run.folded() : run.sliced()).toString();
  }

  release(reusable: boolean): void {
    const slot = this.#slot;
    this.#slot = undefined;
    if (slot !== undefined && reusable) giveBack(slot);
  }

  #hash(slot: Slot, address: number, size: number): void {
    if (this.#folding) slot.run.update(address, size);
    else slot.run.slice(address, size);
  }

  #open(): Slot {
    if (this.#slot === undefined) throw new Error("This checksum was released.");
    return this.#slot;
  }
}
