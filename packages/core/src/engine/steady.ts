import type { Transport } from "../contracts/transport.js";
import { retry } from "../layers/retry.js";
import { watchdog } from "../layers/watchdog.js";
import type { Workshop } from "./upload.js";

/** Milliseconds of failure after which discarding or sweeping gives up. */
const giveUpAfter = 60_000;

/** The transport for what is no upload: every call watched, and tried again for a while. */
export function steady({ transport, clock, settings, budget }: Workshop, stop: AbortSignal): Transport {
  const again = retry({ clock, budget, giveUpAfter, stop, lastProgress: () => Number.NEGATIVE_INFINITY });
  return again(watchdog(clock, settings)(transport));
}
