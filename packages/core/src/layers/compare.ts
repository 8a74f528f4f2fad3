import type { Body } from "../contracts/source.js";
import type { Transport } from "../contracts/transport.js";
import { TransferError } from "../errors.js";
import type { Checksum } from "../model/checksum.js";
import type { Receipt } from "../model/receipt.js";
import { wrap } from "./wrap.js";

/** Compares what the remote says it got with what was read. Adapters report; here it is judged. */
export function compare(inner: Transport): Transport {
  return wrap(inner, {
    async putPart(request, call) {
      const answer = await inner.putPart(request, call);
      await check(request.number, request.body, answer.receipt);
      return answer;
    },
    async putObject(request, call) {
      const answer = await inner.putObject(request, call);
      await check(1, request.body, { number: 1, ...answer });
      return answer;
    },
  });
}

async function check(number: number, body: Body, receipt: Receipt): Promise<void> {
  if (receipt.size !== body.size) throw corrupt(number, `${body.size} bytes`, `${receipt.size} bytes`);
  const remote = receipt.checksum;
  if (!remote) return;
  const local = await body.checksum(remote.kind);
  if (!sameChecksum(local, remote)) throw corrupt(number, local.value, remote.value);
}

/** Whether two checksums are of one kind and equal. */
export function sameChecksum(a: Checksum | undefined, b: Checksum | undefined): boolean {
  return a !== undefined && b !== undefined && a.kind === b.kind && a.value === b.value;
}

function corrupt(number: number, expected: string, actual: string): TransferError {
  return new TransferError(
    "part-corrupt",
    `Part ${number} arrived damaged: sent ${expected}, the remote has ${actual}. It is sent again.`,
    { outcome: "applied", details: { number, expected, actual } },
  );
}
