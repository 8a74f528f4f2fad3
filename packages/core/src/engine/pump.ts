import { Flight } from "./flight.js";
import type { PartQueue } from "./part-queue.js";
import type { Run } from "./run.js";

/** Sends one part; the signal ends this attempt alone. */
export type SendPart = (number: number, signal: AbortSignal) => Promise<void>;

/** A reason of our own: without one, each abort would make an exception with a stack. */
const ended = new Error("ended");

/** Milliseconds between two looks at the last parts under way. */
const lookEvery = 250;
/** A part is slow when it takes so many times what 95 of 100 took, and at least so many milliseconds. */
const slowFactor = 2;
const slowAtLeast = 1_000;
/** So many parts must have landed before one can be called slow. */
const fewest = 4;

/**
 * Sends what is in the queue, as many at once as the gate lets in, until it is closed and empty. When fewer parts are
 * left than there are places, the slowest is sent once more beside itself. Settles only when nothing of ours is in
 * flight; the first failure stops the run.
 */
export async function pump(run: Run, queue: PartQueue, send: SendPart): Promise<void> {
  const { halt, governor, clock } = run;
  const flying = new Map<Promise<void>, Flight>();
  const took: number[] = [];
  const launch = (flight: Flight, leave: () => void) => {
    const landing: Promise<void> = flight
      .start((signal) => send(flight.number, signal))
      .then(() => void took.push(clock.now() - flight.startedAt))
      .catch((error: unknown) => halt.fail(error))
      .finally(() => {
        leave();
        flying.delete(landing);
      });
    flying.set(landing, flight);
  };
  try {
    for (;;) {
      const number = await queue.next(halt.stop);
      if (number === undefined) break;
      const leave = await governor.gate.enter(halt.stop);
      launch(new Flight(number, clock.now()), leave);
    }
    while (flying.size > 0 && !halt.stop.aborted) {
      const over = new AbortController();
      const look = clock.sleep(lookEvery, AbortSignal.any([halt.stop, over.signal])).catch(() => undefined);
      await Promise.race([look, ...flying.keys()]);
      over.abort(ended);
      const slow = slowest([...flying.values()], took, clock.now());
      if (slow && governor.gate.inside < governor.gate.limit)
        launch(slow, await governor.gate.enter(halt.stop));
    }
  } finally {
    await Promise.all(flying.keys());
  }
  halt.stop.throwIfAborted();
}

/** The part that has been under way longest, if that is too long and it is sent but once. */
function slowest(flights: readonly Flight[], took: readonly number[], now: number): Flight | undefined {
  if (took.length < fewest) return undefined;
  const sorted = [...took].sort((a, b) => a - b);
  const usual = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))]!;
  const [oldest] = flights.filter((each) => !each.doubled).sort((a, b) => a.startedAt - b.startedAt);
  const limit = Math.max(slowAtLeast, slowFactor * usual);
  return oldest && now - oldest.startedAt > limit ? oldest : undefined;
}
