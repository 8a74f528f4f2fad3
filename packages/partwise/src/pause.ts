import { exitStatus, Paused } from "./failure.js";
import type { Host } from "./host.js";

/** Turns the first signal into an abort and the second into leaving at once. */
export interface Pause {
  readonly signal: AbortSignal;
  stop(): void;
}

/**
 * Listens until `stop`. `first` is called at the first signal, `last` just before the program leaves at the second.
 */
export function listenForPause(host: Host, first: () => void, last: () => void): Pause {
  const controller = new AbortController();
  const stop = host.onSignal(() => {
    if (controller.signal.aborted) {
      last();
      host.stderr.write("partwise: left at once; run the same command again to go on\n");
      host.exit(exitStatus.paused);
      return;
    }
    first();
    controller.abort(new Paused("paused"));
  });
  return { signal: controller.signal, stop };
}
