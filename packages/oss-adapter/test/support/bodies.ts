import type { Body, CallOptions } from "@partwise/core/contract";

/** Bytes as a body, in chunks. */
export function bodyOf(bytes: Uint8Array, chunk = 256 * 1024): Body {
  return {
    size: bytes.length,
    async *open({ signal } = {}) {
      for (let at = 0; at < bytes.length; at += chunk) {
        signal?.throwIfAborted();
        yield bytes.subarray(at, at + chunk);
      }
    },
    checksum: async () => {
      throw new Error("the transport does not ask for checksums");
    },
  };
}

export function textBody(text: string): Body {
  return bodyOf(new TextEncoder().encode(text));
}

/** Call options that nobody aborts. */
export const calm: CallOptions = {
  // One for each call, as the engine gives them.
  get signal() {
    return new AbortController().signal;
  },
};

export async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** What a promise is rejected with. */
export async function errorOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error("it succeeded");
}
