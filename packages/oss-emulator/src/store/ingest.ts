import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { Crc64 } from "./crc64.js";

/** What was written, computed from the very bytes that went to disk. */
export interface Ingested {
  readonly size: number;
  readonly md5: Buffer;
  readonly crc64: bigint;
}

const BATCH = 512 * 1024;

/** Writes a body to a new file in batches, computing its checksums on the way; never holds more than two batches. */
export async function ingest(body: AsyncIterable<Buffer>, path: string): Promise<Ingested> {
  const md5 = createHash("md5");
  const crc64 = new Crc64();
  const file = await open(path, "wx");
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
      await writing;
      writing = writeAll(file, batch, batched);
      // A failure is reported by the next await; this keeps it from counting as unhandled until then.
      writing.catch(() => {});
      batch = [];
      batched = 0;
    }
    await writing;
    if (batched > 0) await writeAll(file, batch, batched);
    return { size, md5: md5.digest(), crc64: crc64.digest() };
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, buffers: Buffer[], total: number): Promise<void> {
  const { bytesWritten } = await file.writev(buffers);
  if (bytesWritten === total) return;
  const rest = Buffer.concat(buffers).subarray(bytesWritten);
  for (let done = 0; done < rest.length; ) done += (await file.write(rest, done)).bytesWritten;
}
