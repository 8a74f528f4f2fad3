import { createTransfers } from "@partwise/core";
import { fileSource } from "@partwise/core/node";
import { fsStore } from "@partwise/fs-store";
import { ossTransport } from "@partwise/oss-adapter";
import type { World } from "./00-run.js";

/** Aborting the signal pauses; asking for the same upload again goes on, also in another process. */
export async function run({ oss, file, directory, print }: World) {
  const transport = ossTransport(oss);
  const transfers = createTransfers({ transport, store: fsStore({ directory }), concurrency: 4 });
  const request = { source: fileSource(file), key: "rushes/day-12.mov", partSize: 1024 * 1024 };
  const pause = new AbortController();
  await transfers
    .upload({
      ...request,
      signal: pause.signal,
      onEvent: (event) => event.type === "part.stored" && pause.abort(),
    })
    .catch((error: unknown) => {
      if (error !== pause.signal.reason) throw error;
      print("paused");
    });
  return transfers.upload(request).finally(() => transport.close());
}
