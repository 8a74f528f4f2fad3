import { setTimeout as wait } from "node:timers/promises";

/** Thrown to end a request without an answer: the client has gone, the emulator closes, or a fault wants it. */
export class Dropped extends Error {}

/** Waits, or ends the request when `signal` says that nobody waits for it any more. Without `ms`, for ever. */
export async function sleep(ms: number | undefined, signal: AbortSignal): Promise<void> {
  // Node's timers end at 2^31 - 1 ms; nobody waits longer than 24 days here.
  await wait(Math.min(ms ?? 2 ** 31 - 1, 2 ** 31 - 1), undefined, { signal }).catch(() => {
    throw new Dropped();
  });
}
