import type { CheckpointStore } from "../contracts/checkpoint-store.js";
import type { ListedSession, Session, Transport } from "../contracts/transport.js";
import { isTransferError, TransferError } from "../errors.js";
import { foldEntries } from "../model/checkpoint.js";
import { readEntry } from "../model/entry.js";
import type { OrphanedSession, SweepRequest } from "../summary.js";
import { abortUntilGone } from "./abort.js";
import { openJournal } from "./open-journal.js";
import { steady } from "./steady.js";
import type { Workshop } from "./upload.js";

/** A younger session may belong to somebody who is only about to write it down. One hour, in milliseconds. */
export const youngest = 3_600_000;

/**
 * Finds sessions at the remote that no journal names, and aborts them when told to. Sessions are listed before the
 * journals are read, so that one opened meanwhile is known by the time it matters.
 */
export async function* sweepSessions(shop: Workshop, request: SweepRequest): AsyncIterable<OrphanedSession> {
  const { store, clock } = shop;
  const { prefix = "", olderThan, abort = false, signal = new AbortController().signal } = request;
  if (!(olderThan >= youngest)) {
    throw new TransferError("invalid-options", `sweep: olderThan must be ${youngest} ms (one hour) or more.`);
  }
  const transport = steady(shop, signal);
  const old: { session: ListedSession; age: number }[] = [];
  for await (const page of transport.listSessions({ prefix }, { signal })) {
    const now = page.remoteTime ?? clock.now();
    for (const session of page.sessions) {
      const age = now - session.openedAt;
      if (age >= olderThan) old.push({ session, age });
    }
  }
  const known = await knownSessions(store);
  for (const { session, age } of old) {
    if (known.has(session.id)) continue;
    const bytes = await heldBytes(transport, session, signal);
    if (bytes === undefined) continue;
    if (abort) await abortUntilGone(transport, session, {}, clock, signal);
    const { key, id, openedAt } = session;
    yield { key, session: id, location: transport.locate(key), openedAt, age, bytes, aborted: abort };
  }
}

/** Every session any journal names, whatever became of it: a journal that cannot be read stops the sweep. */
async function knownSessions(store: CheckpointStore): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  for await (const { id } of store.list()) {
    await using opened = await openJournal(store, id);
    const { journal } = opened;
    const { entries } = await journal.read();
    foldEntries(id, entries);
    for (const found of entries) {
      const entry = readEntry(found);
      if (entry?.type === "opened") for (const each of [entry.session, ...entry.abort]) known.add(each.id);
      if (entry?.type === "sealed") for (const each of entry.abort) known.add(each.id);
    }
  }
  return known;
}

/** Bytes a session holds; `undefined` when it is gone by now. */
async function heldBytes(
  transport: Transport,
  session: Session,
  signal: AbortSignal,
): Promise<number | undefined> {
  let bytes = 0;
  try {
    for await (const page of transport.listParts({ session }, { signal })) {
      for (const part of page.parts) bytes += part.size;
    }
    return bytes;
  } catch (error) {
    if (isTransferError(error, "session-gone")) return undefined;
    throw error;
  }
}
