import { createTransfers } from "@partwise/core";
import { fileSource } from "@partwise/core/node";
import { fsStore } from "@partwise/fs-store";
import { ossTransport } from "@partwise/oss-adapter";
import type { World } from "./00-run.js";

/** Sends a file. After any interruption the same call goes on where the last one was. */
export async function run({ oss, file, directory }: World) {
  const transport = ossTransport(oss);
  const store = fsStore({ directory });
  const transfers = createTransfers({ transport, store });
  try {
    return await transfers.upload({
      source: fileSource(file),
      key: "rushes/day-12.mov",
      object: { contentType: "video/quicktime", metadata: { camera: "B" } },
    });
  } finally {
    await store.close();
    await transport.close();
  }
}
