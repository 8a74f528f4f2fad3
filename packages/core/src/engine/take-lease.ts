import type { CheckpointStore, Journal, Lease } from "../contracts/checkpoint-store.js";
import type { Clock } from "../contracts/clock.js";
import { isTransferError, type TransferError } from "../errors.js";
import type { Emit } from "./emit.js";

/** The lease under which a transfer is opened, sealed, superseded and discarded. */
export const transferLease = "transfer";

/** How a lease is asked for. */
export interface LeaseWish {
  readonly store: CheckpointStore;
  readonly clock: Clock;
  /** Milliseconds. */
  readonly ttl: number;
  readonly holder: string | undefined;
  /** Wait for a living holder to finish. */
  readonly wait: boolean;
  readonly signal: AbortSignal;
  readonly emit: Emit;
}

/** Longest pause between two looks at a lease somebody else holds, in milliseconds. */
const lookEvery = 2_000;

/**
 * Takes a lease. Where the store cannot tell a dead holder from a living one (`network`), the shown expiry is waited
 * out once: if it moves, the holder lives and `lease-held` is thrown, unless the caller wants to wait for it.
 */
export async function takeLease(journal: Journal, name: string, wish: LeaseWish): Promise<Lease> {
  let first: TransferError<"lease-held"> | undefined;
  for (;;) {
    try {
      return await journal.lease(name, wish.ttl, wish.holder);
    } catch (error) {
      if (!isTransferError(error, "lease-held")) throw error;
      const { holder, expiresAt, expiresIn } = error.details;
      const lives =
        wish.store.reach !== "network" || (first !== undefined && expiresAt > first.details.expiresAt);
      if (lives && !wish.wait) throw error;
      if (!first) wish.emit({ type: "transfer.waiting", holder, expiresIn });
      first ??= error;
      await wish.clock.sleep(Math.min(Math.max(expiresIn, 50), lookEvery), wish.signal);
    }
  }
}
