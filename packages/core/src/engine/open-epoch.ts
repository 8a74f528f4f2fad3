import type { Session } from "../contracts/transport.js";
import { isTransferError } from "../errors.js";
import type { SupersedeReason } from "../events.js";
import type { Checkpoint } from "../model/checkpoint.js";
import { type EntryOf, entryVersion } from "../model/entry.js";
import { usualPartSize } from "../model/part-size.js";
import { makePlan } from "../model/plan.js";
import { abortUntilGone } from "./abort.js";
import type { Hold } from "./hold.js";
import { alreadyThere, type Epoch, type Run, tellLimit } from "./run.js";

/** Plans and opens a new session. Sessions of earlier epochs are named in `opened` and aborted after it. */
export async function openEpoch(
  run: Run,
  hold: Hold,
  before: Checkpoint,
  reason: SupersedeReason | undefined,
): Promise<{ readonly epoch: Epoch; readonly left: readonly Session[] }> {
  const number = before.epoch + 1;
  await lookAtObject(run);
  const { limits } = run.transport;
  const plan = makePlan(run.size, limits, run.order.partSize, usualPartSize(run.size, run.governor.link));
  const old = sessionsOf(before);
  if (reason) {
    const session = before.session?.id;
    run.emit({ type: "session.superseded", epoch: before.epoch, session, reason });
    run.meter.restart();
  }
  await hold.write({
    type: "planned",
    v: entryVersion,
    epoch: number,
    ...identityOf(run),
    plan,
    fingerprint: run.source.fingerprint,
  });
  run.emit({ type: "transfer.planned", plan, epoch: number });

  const { key, object } = run.order;
  const { session, remoteTime } = await run.transport.openSession(
    { key, options: object },
    { signal: run.halt.kill },
  );
  await hold.write({
    type: "opened",
    epoch: number,
    session,
    abort: old,
    ...(remoteTime !== undefined && { remoteTime }),
  });
  run.emit({ type: "session.opened", epoch: number, session: session.id });
  const left = await abortOld(run, hold, old);
  const epoch = { number, plan, session, proven: new Map(), sealing: undefined };
  await lookAtSession(run, epoch);
  return { epoch, left };
}

/** Every session a journal has open, each once. */
export function sessionsOf(before: Checkpoint): Session[] {
  const named = [...before.toAbort, ...(before.session ? [before.session] : [])];
  return [...new Map(named.map((session) => [session.id, session])).values()];
}

/** Goes on with the session of a journal. */
export function continueEpoch(
  planned: EntryOf<"planned">,
  session: Session,
  sealing: Epoch["sealing"],
): Epoch {
  return { number: planned.epoch, plan: planned.plan, session, proven: new Map(), sealing };
}

/** Who and what this transfer is, for `planned` and `sealed`. */
export function identityOf(
  run: Run,
): Pick<EntryOf<"planned">, "transport" | "key" | "target" | "location" | "opening"> {
  const { key } = run.order;
  const { location } = run.source;
  const target = run.transport.locate(key);
  return {
    transport: run.transport.id,
    key,
    target,
    ...(location !== undefined && { location }),
    opening: run.opening,
  };
}

/** Aborts superseded sessions and writes that down. Returns those that could not be: the next run tries again. */
export async function abortOld(
  run: Run,
  hold: Hold,
  sessions: readonly Session[],
): Promise<readonly Session[]> {
  const left: Session[] = [];
  for (const session of sessions) {
    try {
      await abortUntilGone(run.transport, session, run.order.object, run.clock, run.halt.stop);
      await hold.write({ type: "aborted", session });
    } catch (error) {
      run.halt.stop.throwIfAborted();
      if (!isTransferError(error) || error.group === "holder") throw error;
      left.push(session);
      run.emit({
        type: "transfer.warned",
        message: `A superseded session could not be aborted: ${error.message} The next run tries again.`,
      });
    }
  }
  return left;
}

/**
 * Looks at the object once before anything is opened: one that may not be replaced is found now, and how long the
 * answer takes tells how far the remote is.
 */
async function lookAtObject(run: Run): Promise<void> {
  const { key, object: options } = run.order;
  const from = run.clock.now();
  const look = run.transport.findObject({ key, options }, { signal: run.halt.kill });
  const object = await look.catch((error: unknown) => unlessDenied(run, error));
  tellLimit(run.emit, run.governor.answered(run.clock.now() - from));
  if (options.ifAbsent && object) throw alreadyThere(run);
}

/** Looks at the session once before anything is sent. */
async function lookAtSession(run: Run, { session }: Epoch): Promise<void> {
  if (!run.transport.abilities.listParts) return;
  const { object: options } = run.order;
  const parts = run.transport.listParts({ session, options }, { signal: run.halt.kill });
  await firstPage(parts).catch((error: unknown) => unlessDenied(run, error));
}

/** Credentials that may write but not look are told of: a lost answer could not be settled with them. */
function unlessDenied(run: Run, error: unknown): undefined {
  if (!isTransferError(error, "denied")) throw error;
  const message = `${error.message} Sending goes on, but if the answer to completing is lost, its outcome cannot be proven.`;
  run.emit({ type: "transfer.warned", message });
}

async function firstPage<P>(pages: AsyncIterable<P>): Promise<P | undefined> {
  for await (const page of pages) return page;
  return undefined;
}
