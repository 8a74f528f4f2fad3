import type { CheckpointStore, Journal, Lease, LeaseInfo } from "../contracts/checkpoint-store.js";
import type { Clock } from "../contracts/clock.js";
import { isTransferError, TransferError } from "../errors.js";
import type { Emit } from "./emit.js";

/** Every member of a crew holds a lease whose name begins so. */
export const memberLeases = "member/";

/** The lease under which a transfer is opened, sealed, superseded and discarded. */
export const transferLease = "transfer";

/** How a lease is asked for. */
export interface LeaseWish {
  /** What the lease is of, for people: `oss://bucket/key`. */
  readonly what: string;
  readonly store: CheckpointStore;
  readonly clock: Clock;
  /** Milliseconds. */
  readonly ttl: number;
  readonly holder: string | undefined;
  /** Refuse to work beside a crew; a crew's own members take the lease for a moment only. */
  readonly alone: boolean;
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
      return await takeOnce(journal, name, wish);
    } catch (error) {
      if (!isTransferError(error, "lease-held")) throw error;
      const { holder, expiresAt, expiresIn } = error.details;
      const lives =
        wish.store.reach !== "network" || (first !== undefined && expiresAt > first.details.expiresAt);
      if (lives && !wish.wait) throw busy(error, name, wish);
      if (!first) wish.emit({ type: "transfer.waiting", holder, expiresIn });
      first ??= error;
      await wish.clock.sleep(Math.min(Math.max(expiresIn, 50), lookEvery), wish.signal);
    }
  }
}

async function takeOnce(journal: Journal, name: string, wish: LeaseWish): Promise<Lease> {
  const lease = await journal.lease(name, wish.ttl, wish.holder);
  if (!wish.alone) return lease;
  let member: LeaseInfo | undefined;
  try {
    [member] = await journal.leases(memberLeases);
  } catch (error) {
    // What is not given back keeps our own next try out, too.
    await lease.release().catch(() => undefined);
    throw error;
  }
  if (!member) return lease;
  await lease.release();
  const { holder, expiresAt, expiresIn } = member;
  throw new TransferError(
    "lease-held",
    `A crew is working on ${wish.what} (${holder}). Join it with crew, or wait until it has finished.`,
    { details: { lease: member.name, holder, expiresAt, expiresIn } },
  );
}

/** A store knows only names of leases; here it is known what the lease is of. */
function busy(held: TransferError<"lease-held">, name: string, wish: LeaseWish): TransferError<"lease-held"> {
  const { lease, holder, expiresIn } = held.details;
  if (lease !== name) return held;
  const seconds = Math.ceil(expiresIn / 1000);
  return new TransferError(
    "lease-held",
    `${holder} is at work on ${wish.what}, for another ${seconds} s unless it goes on renewing. Wait until it has finished, or stop it.`,
    { details: held.details, cause: held },
  );
}
