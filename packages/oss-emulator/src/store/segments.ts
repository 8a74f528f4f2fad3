import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Segment } from "./records.js";

const READ = 256 * 1024;

/** Reads the bytes [start, end) of segments that lie one after another. */
export async function* readSegments(
  folder: string,
  segments: readonly Segment[],
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  let offset = 0;
  for (const segment of segments) {
    const from = Math.max(start - offset, 0);
    const to = Math.min(end - offset, segment.size);
    offset += segment.size;
    if (from >= to) continue;
    yield* readFile(join(folder, segment.file), segment.offset + from, segment.offset + to);
  }
}

async function* readFile(path: string, from: number, to: number): AsyncGenerator<Buffer> {
  const file = await open(path, "r");
  try {
    for (let position = from; position < to; ) {
      const buffer = Buffer.allocUnsafe(Math.min(READ, to - position));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
      if (bytesRead === 0) throw new Error(`${path} is shorter than its record says.`);
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** The segments of parts in a row; neighbours in one file become one segment. */
export function segmentsOf(parts: readonly Segment[]): Segment[] {
  const segments: { file: string; offset: number; size: number }[] = [];
  for (const { file, offset, size } of parts) {
    const last = segments.at(-1);
    if (last && last.file === file && last.offset + last.size === offset) last.size += size;
    else segments.push({ file, offset, size });
  }
  return segments;
}
