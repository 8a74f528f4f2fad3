import type { PartQueue } from "./part-queue.js";
import type { Run } from "./run.js";

/**
 * Sends what is in the queue, as many at once as the gate lets in, until it is closed and empty. Settles only when
 * nothing of ours is in flight; the first failure stops the run.
 */
export async function pump(
  run: Run,
  queue: PartQueue,
  send: (number: number) => Promise<void>,
): Promise<void> {
  const { halt, governor } = run;
  const flying = new Set<Promise<void>>();
  try {
    for (;;) {
      const number = await queue.next(halt.stop);
      if (number === undefined) break;
      const leave = await governor.gate.enter(halt.stop);
      const flight: Promise<void> = send(number)
        .catch((error: unknown) => halt.fail(error))
        .finally(() => {
          leave();
          flying.delete(flight);
        });
      flying.add(flight);
    }
  } finally {
    await Promise.all(flying);
  }
  halt.stop.throwIfAborted();
}
