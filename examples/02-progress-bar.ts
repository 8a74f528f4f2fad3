import { createTransfers, memoryStore } from "@partwise/core";
import { fileSource } from "@partwise/core/node";
import { ossTransport } from "@partwise/oss-adapter";
import type { World } from "./00-run.js";

/** Shows how far a transfer is. What an earlier run sent counts as soon as it is proven. */
export async function run({ oss, file, print }: World) {
  const transport = ossTransport(oss);
  const transfers = createTransfers({ transport, store: memoryStore() });
  const result = await transfers.upload({
    source: fileSource(file),
    key: "rushes/day-12.mov",
    partSize: 1024 * 1024,
    onEvent(event) {
      if (event.type !== "part.stored" && event.type !== "part.proven") return;
      const { acknowledged, total, bytesPerSecond, eta = 0 } = event.progress;
      const bar = "#".repeat((acknowledged / total) * 20).padEnd(20, ".");
      print(`${bar} ${Math.round(bytesPerSecond / 1e6)} MB/s, ${Math.ceil(eta / 1000)} s left`);
    },
  });
  await transport.close();
  return result;
}
