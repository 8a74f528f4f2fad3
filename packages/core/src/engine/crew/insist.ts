import { isTransferError } from "../../errors.js";
import type { Run } from "../run.js";

/** Pause between two tries to reach a store that is away, in milliseconds. */
const storePause = 1_000;

/** Does something that needs the store: again and again while the store is away, until the upload gives up. */
export async function insist<T>(run: Run, act: () => Promise<T>): Promise<T> {
  const { clock, halt, order, emit } = run;
  const began = clock.now();
  for (let away = false; ; away = true) {
    try {
      const result = await act();
      if (away) emit({ type: "store.back" });
      return result;
    } catch (error) {
      if (!isTransferError(error, "store-unavailable") || clock.now() - began > order.giveUpAfter)
        throw error;
      if (!away) emit({ type: "store.away", message: error.message });
      await clock.sleep(storePause, halt.stop);
    }
  }
}
