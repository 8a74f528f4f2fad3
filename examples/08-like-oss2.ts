import { ossTransport } from "@partwise/oss-adapter";
import { resumableUpload } from "partwise";
import type { World } from "./00-run.js";

/** The call of Python's `oss2.resumable_upload`: the same parameters and defaults, in camelCase. */
export async function run({ oss, file, directory, print }: World) {
  const bucket = ossTransport(oss);
  try {
    return await resumableUpload(bucket, "rushes/day-12.mov", file, {
      store: directory,
      headers: { "x-oss-meta-camera": "B" },
      multipartThreshold: 10 * 1024 * 1024,
      partSize: 4 * 1024 * 1024,
      progressCallback: (consumed, total) => print(`${consumed} of ${total}`),
      numThreads: 4,
    });
  } finally {
    await bucket.close();
  }
}
