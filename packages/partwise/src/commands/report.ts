import type { TransferEvent, UploadResult } from "@partwise/core";
import { Paused } from "../failure.js";
import type { Host } from "../host.js";
import { listenForPause } from "../pause.js";
import { formatBytes, formatPercent } from "../report/format.js";
import type { Reporter } from "../report/reporter.js";
import { View } from "../report/view.js";

/** Runs a transfer under the eyes of a reporter, pausing at a signal. */
export async function reported(
  host: Host,
  reporter: Reporter,
  transfer: (signal: AbortSignal, onEvent: (event: TransferEvent) => void) => Promise<UploadResult>,
): Promise<void> {
  const view = new View();
  const pause = listenForPause(
    host,
    () => reporter.pausing(),
    () => reporter.close(),
  );
  try {
    const result = await transfer(pause.signal, (event) => {
      view.hear(event);
      reporter.event(event);
    });
    reporter.done(result);
  } catch (error) {
    throw pause.signal.aborted && error === pause.signal.reason ? new Paused(pausedAt(view)) : error;
  } finally {
    reporter.close();
    pause.stop();
  }
}

function pausedAt({ there, total }: View): string {
  const where =
    total === undefined || there === 0
      ? "before any part was stored"
      : `at ${formatPercent(there, total)}, ${formatBytes(there)} of ${formatBytes(total)}`;
  return `paused ${where}; run the same command again to go on`;
}
