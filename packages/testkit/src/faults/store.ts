import { type CheckpointStore, type Clock, TransferError } from "@partwise/core/contract";
import { aroundStore, type StoreCall } from "../around/store.js";

/** What goes wrong with one step of a store. */
export type StoreFault =
  /** It fails, and nothing is done. */
  | { readonly kind: "refuse"; readonly error?: TransferError }
  /** It is done; the answer is lost. */
  | { readonly kind: "lose" }
  /** It takes longer, in milliseconds. */
  | { readonly kind: "delay"; readonly ms: number }
  /** The lease under which it is asked is gone before. */
  | { readonly kind: "lose-lease" };

/** Decides what goes wrong with a step, if anything. */
export type PickStoreFault = (call: StoreCall) => StoreFault | undefined;

/**
 * A store that fails as told. An outage is a pick that refuses every step while it lasts.
 * @param clock Measures delays.
 */
export function faultyStore(inner: CheckpointStore, pick: PickStoreFault, clock: Clock): CheckpointStore {
  return aroundStore(inner, async (call, run) => {
    const fault = pick(call);
    switch (fault?.kind) {
      case undefined:
        return run();
      case "refuse":
        throw fault.error ?? away(inner, call, "not-applied");
      case "lose":
        await run();
        throw away(inner, call, "unknown");
      case "delay":
        await clock.sleep(fault.ms);
        return run();
      case "lose-lease":
        await call.loseLease?.();
        return run();
    }
  });
}

function away(
  store: CheckpointStore,
  { verb }: StoreCall,
  outcome: "not-applied" | "unknown",
): TransferError {
  return new TransferError("store-unavailable", `${store.name} did not answer to ${verb}. Try again.`, {
    outcome,
  });
}
