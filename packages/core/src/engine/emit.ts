import type { Clock } from "../contracts/clock.js";
import type { TransferEvent } from "../events.js";

type WithoutCommon<E> = E extends unknown ? Omit<E, "id" | "key" | "at"> : never;

/** What a room of the engine has to tell; who and when is added on the way out. */
export type Told = WithoutCommon<TransferEvent>;

/** Hands an event to whoever listens. */
export type Emit = (told: Told) => void;

/** An `Emit` for one transfer. A listener that throws harms nothing. */
export function emitter(
  id: string,
  key: string,
  clock: Clock,
  listen: ((event: TransferEvent) => void) | undefined,
): Emit {
  return (told) => {
    try {
      listen?.({ ...told, id, key, at: clock.now() } as TransferEvent);
    } catch {
      // The listener's own affair: an upload must not die of its progress bar.
    }
  };
}
