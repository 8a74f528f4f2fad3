import type { Clock } from "../contracts/clock.js";
import type { ObjectOptions, Session, Transport } from "../contracts/transport.js";
import { isTransferError, TransferError } from "../errors.js";

/** Parts in flight while a session is aborted may land after it: abort, look, and abort again so often. */
const mostAborts = 5;
/** Pause between two aborts, in milliseconds. */
const pause = 1_000;

/** Aborts a session and looks until the remote holds no part of it. */
export async function abortUntilGone(
  transport: Transport,
  session: Session,
  options: ObjectOptions,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (let aborts = 1; ; aborts++) {
    await transport.abortSession({ session, options }, { signal });
    if (!transport.abilities.listParts || (await isGone(transport, session, options, signal))) return;
    if (aborts === mostAborts) break;
    await clock.sleep(pause, signal);
  }
  throw new TransferError(
    "rejected",
    `Session ${session.id} of ${transport.locate(session.key)} still has parts after ${mostAborts} aborts: something else is sending to it.`,
  );
}

async function isGone(
  transport: Transport,
  session: Session,
  options: ObjectOptions,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    for await (const page of transport.listParts({ session, options }, { signal }))
      if (page.parts.length > 0) return false;
    return true;
  } catch (error) {
    if (isTransferError(error, "session-gone", "denied")) return true;
    throw error;
  }
}
