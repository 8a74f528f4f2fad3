import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { Crc64 } from "./crc64.js";

/** Bytes that belong to nothing yet, and what was computed from them on their way. */
export interface Staged {
  /** A body that fits one batch, not yet on disk; a longer one is at `path`. */
  readonly bytes?: Buffer;
  readonly path: string;
  readonly size: number;
  readonly md5: Buffer;
  readonly crc64: bigint;
}

const BATCH = 512 * 1024;

/**
 * Takes in a body, computing its checksums on the way: a long one goes to a new file in batches, a short one
 * stays in memory until its place is known. Holds two batches at most.
 */
export async function ingest(body: AsyncIterable<Buffer>, path: string): Promise<Staged> {
  const md5 = createHash("md5");
  const crc64 = new Crc64();
  let file: FileHandle | undefined;
  try {
    let size = 0;
    let batch: Buffer[] = [];
    let batched = 0;
    let writing: Promise<void> = Promise.resolve();
    for await (const bytes of body) {
      md5.update(bytes);
      crc64.update(bytes);
      size += bytes.length;
      batch.push(bytes);
      batched += bytes.length;
      if (batched < BATCH) continue;
      file ??= await open(path, "wx");
      await writing;
      writing = writeAll(file, batch, batched);
      // A failure is reported by the next await; this keeps it from counting as unhandled until then.
      writing.catch(() => {});
      batch = [];
      batched = 0;
    }
    await writing;
    const facts = { path, size, md5: md5.digest(), crc64: crc64.digest() };
    if (!file) return { ...facts, bytes: batch.length === 1 ? batch[0]! : Buffer.concat(batch) };
    await writeAll(file, batch, batched);
    return facts;
  } finally {
    await file?.close();
  }
}

async function writeAll(file: FileHandle, buffers: Buffer[], total: number): Promise<void> {
  if (total === 0) return;
  const { bytesWritten } = await file.writev(buffers);
  if (bytesWritten === total) return;
  const rest = Buffer.concat(buffers).subarray(bytesWritten);
  for (let done = 0; done < rest.length; ) done += (await file.write(rest, done)).bytesWritten;
}
