import type { StoredObject } from "../contracts/transport.js";
import { isTransferError, TransferError } from "../errors.js";
import { sameChecksum } from "../layers/compare.js";
import type { Checksum } from "../model/checksum.js";
import { partSize } from "../model/plan.js";
import type { Receipt } from "../model/receipt.js";
import { carry } from "./carry.js";
import type { Committed } from "./finish.js";
import type { Hold } from "./hold.js";
import { pauseAfter } from "./pause.js";
import { checkSource, type Epoch, type Run } from "./run.js";
import { findOurs, isAlive } from "./settle.js";

/** A sealed session. */
export interface Sealed extends Committed {
  readonly outcome: "sent" | "proven";
}

/** So often refused parts are mended before the refusal is believed. */
const mostMended = 3;

/** Completes the session with the proven parts of the plan, and confirms that the object is what was meant. */
export async function seal(run: Run, epoch: Epoch, hold: Hold): Promise<Sealed> {
  let since = epoch.sealing?.remoteTime ?? run.pulse.remoteTime;
  for (let mended = 0; ; mended++) {
    await checkSource(run);
    if (run.pulse.touched) await proveAgain(run, epoch, hold);
    const parts = allParts(epoch);
    const checksum = wholeChecksum(run, epoch);
    since ??= run.pulse.remoteTime;
    const { size } = run;
    await hold.write({
      type: "sealing",
      epoch: epoch.number,
      size,
      checksum,
      print: run.print,
      remoteTime: since,
    });
    run.emit({ type: "transfer.sealing", parts: parts.length });
    try {
      return await commit(run, epoch, hold, parts, checksum, since);
    } catch (error) {
      if (!isTransferError(error, "part-refused") || mended === mostMended) throw error;
      // Perhaps the part is our successor's: who has lost the lease must not send over it.
      await hold.confirm();
      await mend(run, epoch, hold, error);
    }
  }
}

async function commit(
  run: Run,
  epoch: Epoch,
  hold: Hold,
  parts: readonly Receipt[],
  checksum: Checksum,
  since: number | undefined,
): Promise<Sealed> {
  const expected = { size: run.size, checksum, since };
  const { session } = epoch;
  const began = run.clock.now();
  let doubt = false;
  for (let attempt = 0; ; attempt++) {
    try {
      const request = { session, parts, options: run.order.object };
      const object = await run.transport.completeSession(request, { signal: run.halt.kill });
      return await confirm(run, object, checksum);
    } catch (error) {
      if (!isTransferError(error)) throw error;
      doubt ||= error.outcome === "unknown";
      const refused = error.code === "session-gone" || (error.code === "already-exists" && doubt);
      if (!refused && error.outcome !== "unknown") throw error;
      const { listParts } = run.transport.abilities;
      if (refused || !listParts || !(await isAlive(run, epoch))) {
        const object = await findOurs(run, expected);
        if (object) return { object, checksum, outcome: "proven", overwritten: false };
        // Where the session cannot be asked after, completing again is the only way to learn.
        if (refused || listParts) throw error.code === "already-exists" ? error : gone(run, error);
      }
      if (run.clock.now() - began > run.order.giveUpAfter) throw error;
    }
    await pauseAfter(attempt, run.clock, run.halt.stop);
    await hold.confirm();
  }
}

function gone(run: Run, cause: TransferError): TransferError<"session-gone"> {
  return new TransferError(
    "session-gone",
    `The session of ${run.transport.locate(run.order.key)} vanished while it was being completed, and the object there is not ours.`,
    { cause },
  );
}

/** Success is what complete's own answer says; where it says no checksum, the object is looked at. */
async function confirm(run: Run, answer: StoredObject, checksum: Checksum): Promise<Sealed> {
  let object = answer;
  let overwritten = false;
  if (!answer.checksum && run.transport.abilities.objectChecksums.includes(checksum.kind)) {
    const { key } = run.order;
    const found = await run.transport
      .findObject({ key, options: run.order.object }, { signal: run.halt.kill })
      .catch((error: unknown) => {
        if (isTransferError(error, "denied")) return undefined;
        throw error;
      });
    overwritten = found !== undefined && found.tag !== answer.tag;
    if (found && !overwritten) object = { ...answer, ...(found.checksum && { checksum: found.checksum }) };
  }
  const remote = object.checksum;
  if (remote && remote.kind === checksum.kind && !sameChecksum(remote, checksum)) {
    const { key } = run.order;
    throw new TransferError(
      "object-mismatch",
      `${run.transport.locate(key)} is complete but damaged: its ${checksum.kind} is ${remote.value}, the source's is ${checksum.value}. The bad object is live: delete it or run the same again to replace it.`,
      { outcome: "applied", details: { key, expected: checksum.value, actual: remote.value } },
    );
  }
  return { object, checksum, outcome: "sent", overwritten };
}

/** The plan's list 1…N; a missing number refuses. */
function allParts(epoch: Epoch): Receipt[] {
  return Array.from({ length: epoch.plan.parts }, (_, index) => {
    const part = epoch.proven.get(index + 1);
    if (!part)
      throw new Error(`part ${index + 1} of ${epoch.plan.parts} is not proven: refusing to complete`);
    return part.receipt;
  });
}

/** Combined from local checksums only. */
export function wholeChecksum(run: Run, epoch: Epoch): Checksum {
  const { algorithm } = run;
  let value: string | undefined;
  for (let number = 1; number <= epoch.plan.parts; number++) {
    const part = epoch.proven.get(number)!.local.value;
    value = value === undefined ? part : algorithm.combine(value, part, partSize(epoch.plan, number));
  }
  return { kind: algorithm.kind, value: value! };
}

/** Harmless facts of the source moved while it was read: every part is compared once more. */
async function proveAgain(run: Run, epoch: Epoch, hold: Hold): Promise<void> {
  run.pulse.touched = false;
  const unproven = [...epoch.proven.values()].map(({ receipt, local }) => ({
    receipt,
    expected: local,
    written: true,
  }));
  await carry(run, epoch, hold, { missing: [], unproven }, false);
}

/** The remote refused a part: list again, believe its tags where its checksums are ours, send the rest again. */
async function mend(run: Run, epoch: Epoch, hold: Hold, refusal: TransferError): Promise<void> {
  const listed = new Map<number, Receipt>();
  const { session } = epoch;
  if (!run.transport.abilities.listParts) throw refusal;
  try {
    for await (const page of run.transport.listParts(
      { session, options: run.order.object },
      { signal: run.halt.kill },
    )) {
      for (const receipt of page.parts) listed.set(receipt.number, receipt);
    }
  } catch (error) {
    throw isTransferError(error, "denied") ? refusal : error;
  }
  const missing: number[] = [];
  for (const [number, part] of epoch.proven) {
    const receipt = listed.get(number);
    const right = receipt?.checksum
      ? sameChecksum(receipt.checksum, part.local)
      : receipt?.tag === part.receipt.tag;
    if (receipt && right && receipt.size === part.receipt.size)
      epoch.proven.set(number, { ...part, receipt });
    else missing.push(number);
  }
  await carry(run, epoch, hold, { missing: missing.sort((a, b) => a - b), unproven: [] }, false);
}
