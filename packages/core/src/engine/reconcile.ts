import { isTransferError } from "../errors.js";
import { sameChecksum } from "../layers/compare.js";
import type { StoredPart } from "../model/checkpoint.js";
import { partSize } from "../model/plan.js";
import type { Receipt } from "../model/receipt.js";
import type { UnprovenPart } from "./prove.js";
import type { Epoch, Run } from "./run.js";

/** What comparing the journal with the remote gave. */
export interface Reconciled {
  /** Parts to send. */
  readonly missing: readonly number[];
  /** Parts to compare with the local bytes. */
  readonly unproven: readonly UnprovenPart[];
}

/**
 * The remote is right about what exists; the journal is right about what was meant. Trusted parts go straight into
 * `epoch.proven`. Throws `session-gone` when the remote does not know the session.
 */
export async function reconcile(
  run: Run,
  epoch: Epoch,
  known: ReadonlyMap<number, StoredPart>,
): Promise<Reconciled> {
  const listed = await listAll(run, epoch, known);
  const missing: number[] = [];
  const unproven: UnprovenPart[] = [];
  for (let number = 1; number <= epoch.plan.parts; number++) {
    const receipt = listed.get(number);
    const size = partSize(epoch.plan, number);
    const sorted = receipt?.size === size ? sort(run, receipt, known.get(number)) : undefined;
    if (!sorted) {
      missing.push(number);
    } else {
      run.meter.found(size);
      if ("trusted" in sorted) {
        run.meter.proven(number, size, true);
        epoch.proven.set(number, sorted.trusted);
      } else {
        unproven.push(sorted);
      }
    }
  }
  return { missing, unproven };
}

/** All parts at the remote; where it cannot or may not tell, those the journal has receipts of. */
async function listAll(
  run: Run,
  epoch: Epoch,
  known: ReadonlyMap<number, StoredPart>,
): Promise<ReadonlyMap<number, Receipt>> {
  const remembered = () => new Map([...known].map(([number, part]) => [number, part.receipt]));
  if (!run.transport.abilities.listParts) return remembered();
  const listed = new Map<number, Receipt>();
  try {
    const { session } = epoch;
    for await (const page of run.transport.listParts(
      { session, options: run.order.object },
      { signal: run.halt.kill },
    )) {
      run.halt.stop.throwIfAborted();
      for (const receipt of page.parts) listed.set(receipt.number, receipt);
    }
    return listed;
  } catch (error) {
    if (!isTransferError(error, "denied")) throw error;
    run.emit({
      type: "transfer.warned",
      message: `${error.message} The journal's own receipts are used instead.`,
    });
    return remembered();
  }
}

/** Trusted, to be proven, or (`undefined`) of no use. */
function sort(
  run: Run,
  receipt: Receipt,
  stored: StoredPart | undefined,
):
  | UnprovenPart
  | { readonly trusted: { receipt: Receipt; local: NonNullable<StoredPart["local"]> } }
  | undefined {
  const sameTag = stored?.receipt.tag === receipt.tag;
  const { local } = stored ?? {};
  // The remote's own word where there is one; else ours of when we sent it, if it still is that part.
  const expected =
    receipt.checksum?.kind === run.algorithm.kind ? receipt.checksum : sameTag ? local : undefined;
  if (!expected) return undefined;
  const written = sameTag && stored?.print === run.print && sameChecksum(local, expected);
  if (written && local && run.order.verify === "fingerprint") return { trusted: { receipt, local } };
  return { receipt, expected, written };
}
