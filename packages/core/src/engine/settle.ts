import type { StoredObject } from "../contracts/transport.js";
import { isTransferError, TransferError } from "../errors.js";
import { sameChecksum } from "../layers/compare.js";
import type { Checksum } from "../model/checksum.js";
import type { Epoch, Run } from "./run.js";

/** What the object must be to be ours. */
export interface Expected {
  readonly size: number;
  readonly checksum: Checksum | undefined;
  /** The remote's clock when we began to complete; an older object is somebody else's. */
  readonly since: number | undefined;
}

/** Looks whether the object at the key is the one we meant: same size, same checksum, not older than our completing. */
export async function findOurs(run: Run, expected: Expected): Promise<StoredObject | undefined> {
  const object = await look(run);
  if (!object || object.size !== expected.size) return undefined;
  if (object.checksum && expected.checksum && !sameChecksum(object.checksum, expected.checksum))
    return undefined;
  const { modifiedAt } = object;
  const comparable = run.transport.abilities.modifiedAt === "completed" && expected.since !== undefined;
  // Remotes tell whole seconds.
  if (comparable && modifiedAt !== undefined && modifiedAt < Math.floor(expected.since / 1000) * 1000)
    return undefined;
  return object;
}

async function look(run: Run): Promise<StoredObject | undefined> {
  const { key, object } = run.order;
  try {
    return await run.transport.findObject({ key, options: object }, { signal: run.halt.kill });
  } catch (error) {
    if (!isTransferError(error, "denied")) throw error;
    throw new TransferError(
      "denied",
      `${run.transport.locate(key)} may or may not be complete: the answer was lost and these credentials may not look at the object. Allow reading it, or look yourself.`,
      { outcome: "unknown", cause: error },
    );
  }
}

/** Whether the session still exists; one that may not be looked at is taken to, since completing it again tells. */
export async function isAlive(run: Run, epoch: Epoch): Promise<boolean> {
  const { session } = epoch;
  if (!run.transport.abilities.listParts) return true;
  try {
    for await (const _ of run.transport.listParts(
      { session, options: run.order.object },
      { signal: run.halt.kill },
    )) {
      return true;
    }
    return true;
  } catch (error) {
    if (isTransferError(error, "session-gone")) return false;
    if (isTransferError(error, "denied")) return true;
    throw error;
  }
}
