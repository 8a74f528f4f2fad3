import { createTransfers, type OrphanedSession } from "@partwise/core";
import { fsStore } from "@partwise/fs-store";
import { ossTransport } from "@partwise/oss-adapter";
import type { World } from "./00-run.js";

/** Unfinished uploads that no journal of this store names cost storage. Tells of those a day old; `abort` ends them. */
export async function run({ oss, directory, print }: World, abort = false) {
  const transport = ossTransport(oss);
  const transfers = createTransfers({ transport, store: fsStore({ directory }) });
  const found: OrphanedSession[] = [];
  for await (const session of transfers.sweep({ olderThan: 24 * 3_600_000, abort })) {
    print(`${session.location}: ${session.bytes} bytes, ${Math.round(session.age / 3_600_000)} h old`);
    found.push(session);
  }
  await transport.close();
  return found;
}
