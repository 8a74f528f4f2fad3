import { createTransfers, isTransferError, memoryStore, type UploadResult } from "@partwise/core";
import { fileSource } from "@partwise/core/node";
import { ossTransport } from "@partwise/oss-adapter";
import type { World } from "./00-run.js";

/** Every failure is a TransferError; its group says who must act, its message what to do. */
export async function run({ oss, file }: World): Promise<UploadResult | string> {
  const transport = ossTransport(oss);
  const transfers = createTransfers({ transport, store: memoryStore() });
  try {
    return await transfers.upload({ source: fileSource(`${file}.missing`), key: "rushes/day-12.mov" });
  } catch (error) {
    if (isTransferError(error, "lease-held")) return `${error.details.holder} is sending it already`;
    if (!isTransferError(error)) throw error; // the abort's reason, or a bug
    if (error.group === "caller") return `yours to mend (${error.code}): ${error.message}`;
    if (error.group === "memory") return `the store needs a look: ${error.message}`;
    if (error.group === "remote-passing") return `run the same again later: ${error.message}`;
    return `refused (${error.code}): ${error.message}`;
  } finally {
    await transport.close();
  }
}
