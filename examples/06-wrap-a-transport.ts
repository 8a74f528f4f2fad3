import { createTransfers, type Layer, memoryStore, wrapTransport } from "@partwise/core";
import { fileSource } from "@partwise/core/node";
import { ossTransport } from "@partwise/oss-adapter";
import type { World } from "./00-run.js";

/** A layer is a function from a transport to a transport. This one counts the bytes of acknowledged parts. */
const countBytes =
  (count: (bytes: number) => void): Layer =>
  (inner) =>
    wrapTransport(inner, {
      async putPart(request, call) {
        const answer = await inner.putPart(request, call);
        count(answer.receipt.size);
        return answer;
      },
    });

export async function run({ oss, file }: World) {
  let bytes = 0;
  const layers = [countBytes((more) => (bytes += more))];
  const transfers = createTransfers({ transport: ossTransport(oss), store: memoryStore(), layers });
  await transfers.upload({ source: fileSource(file), key: "rushes/day-12.mov" });
  return bytes;
}
