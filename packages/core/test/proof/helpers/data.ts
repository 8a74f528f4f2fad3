import { seededRandom } from "@partwise/testkit";

/** Bytes that look like nothing; the same seed gives the same. */
export function bytesOf(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: size }, () => random.below(256));
}

/** A copy with one bit of one byte changed. */
export function changedAt(bytes: Uint8Array, place: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  copy[place] = copy[place]! ^ 1;
  return copy;
}

export function sameBytes(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((byte, index) => byte === b[index]);
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
