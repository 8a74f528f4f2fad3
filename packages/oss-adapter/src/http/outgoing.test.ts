import { type Body, isTransferError, TransferError } from "@partwise/core/contract";
import { describe, expect, it } from "vitest";
import { outgoing } from "./outgoing.js";

const never = new AbortController().signal;

function body(size: number, chunks: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Body {
  return {
    size,
    open: async function* () {
      yield* chunks();
    },
    checksum: async () => {
      throw new Error("not asked here");
    },
  };
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return chunks;
}

describe("outgoing", () => {
  it("copies small chunks, whose buffer may be filled again, and sends large ones in place", async () => {
    const small = new Uint8Array(1000);
    const large = new Uint8Array(256 * 1024);
    const out = outgoing(
      body(small.length + large.length, () => [small, large]),
      "put",
      never,
    );
    const [first, second] = await collect(out.bytes);
    expect(first).not.toBe(small);
    expect(first).toEqual(small);
    expect(second).toBe(large);
    expect(out.complete()).toBe(true);
    expect(out.failure()).toBeUndefined();
  });

  it.each([
    ["short", 3],
    ["long", 1],
  ])("fails as source-changed when the body is too %s", async (_name, size) => {
    const out = outgoing(
      body(size, () => [new Uint8Array(2)]),
      "put part 1 of x",
      never,
    );
    await expect(collect(out.bytes)).rejects.toSatisfy((e) => isTransferError(e, "source-changed"));
    expect(out.failure()?.message).toContain("put part 1 of x");
  });

  it("keeps a TransferError of the source, and wraps anything else", async () => {
    const own = new TransferError("source-changed", "moved");
    for (const [thrown, code] of [
      [own, "source-changed"],
      [new Error("EIO"), "source-unreadable"],
    ] as const) {
      const out = outgoing(
        body(1, () => {
          throw thrown;
        }),
        "put",
        never,
      );
      await expect(collect(out.bytes)).rejects.toBe(thrown);
      expect(isTransferError(out.failure(), code)).toBe(true);
    }
  });

  it("ends a reader that waits, when the request ends", async () => {
    let ended = false;
    const stuck: Body = {
      ...body(10, () => []),
      async *open({ signal } = {}) {
        yield new Uint8Array(1);
        try {
          await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
        } finally {
          ended = true;
        }
      },
    };
    const out = outgoing(stuck, "put", never);
    const reading = collect(out.bytes);
    reading.catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    out.end();
    await expect(reading).rejects.toThrow("before its body was sent");
    expect(ended).toBe(true);
    expect(out.failure()).toBeUndefined();
  });

  it("lets a reader at its end finish", async () => {
    let finished = false;
    const out = outgoing(
      body(1, async function* () {
        yield new Uint8Array(1);
        finished = true;
      }),
      "put",
      never,
    );
    const iterator = out.bytes[Symbol.asyncIterator]();
    await iterator.next();
    out.end();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(finished).toBe(true);
  });
});
