import type { CheckpointStore, Journal } from "../contracts/checkpoint-store.js";
import { isTransferError } from "../errors.js";

/** A journal for as long as it is needed. */
export interface OpenJournal extends AsyncDisposable {
  readonly journal: Journal;
}

/**
 * Opens a journal whose closing never changes how the work ended: what could not be written any more are receipts, which
 * cost a listing, and an error on its way keeps its own name.
 */
export async function openJournal(store: CheckpointStore, id: string): Promise<OpenJournal> {
  const journal = await store.open(id);
  return {
    journal,
    async [Symbol.asyncDispose]() {
      try {
        await journal[Symbol.asyncDispose]();
      } catch (error) {
        if (!isTransferError(error)) throw error;
      }
    },
  };
}
