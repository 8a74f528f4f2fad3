import type { OrphanedSession } from "@partwise/core";
import { Command } from "commander";
import { parseDuration } from "../args/duration.js";
import { parsePrefix } from "../args/target.js";
import { Paused } from "../failure.js";
import type { Host } from "../host.js";
import { listenForPause } from "../pause.js";
import { counted, formatBytes, formatDuration, printable } from "../report/format.js";
import { withTransfers } from "./connect.js";
import { type RemoteOptions, type StoreOptions, withRemoteOptions, withStoreOptions } from "./options.js";

interface SweepOptions extends RemoteOptions, StoreOptions {
  readonly olderThan: string;
  readonly yes?: boolean;
}

/** `partwise sweep oss://bucket/prefix` */
export function sweepCommand(host: Host): Command {
  const command = new Command("sweep")
    .description("show unfinished uploads at the remote that the store knows nothing of, and end them")
    .argument("<place>", "oss://bucket, or oss://bucket/prefix")
    .option("--older-than <time>", "spare younger ones: 1h or more", "7d")
    .option("--yes", "abort what is found; their parts are deleted")
    .action((place: string, options: SweepOptions) => sweep(host, place, options));
  return withStoreOptions(withRemoteOptions(command));
}

async function sweep(host: Host, place: string, options: SweepOptions): Promise<void> {
  const { bucket, prefix } = parsePrefix(place);
  const olderThan = parseDuration("--older-than", options.olderThan);
  const abort = options.yes === true;
  await withTransfers(host, bucket, options, {}, async (transfers) => {
    const pause = listenForPause(
      host,
      () => {},
      () => {},
    );
    let [sessions, bytes] = [0, 0];
    try {
      for await (const each of transfers.sweep({ prefix, olderThan, abort, signal: pause.signal })) {
        sessions += 1;
        bytes += each.bytes;
        host.stdout.write(
          options.json ? `${JSON.stringify({ type: "session.found", ...each })}\n` : line(each),
        );
      }
    } catch (error) {
      if (error !== pause.signal.reason || !pause.signal.aborted) throw error;
      throw new Paused(`stopped after ${counted(sessions, "unfinished upload")}; run it again for the rest`);
    } finally {
      pause.stop();
    }
    const total = { type: "sweep.completed", sessions, bytes, aborted: abort };
    host.stdout.write(options.json ? `${JSON.stringify(total)}\n` : lastLine(total));
  });
}

function line({ location, session, age, bytes, aborted }: OrphanedSession): string {
  const facts = [printable(location), `${formatDuration(age)} old`, formatBytes(bytes), printable(session)];
  return `${aborted ? "aborted " : ""}${facts.join("  ")}\n`;
}

function lastLine({
  sessions,
  bytes,
  aborted,
}: {
  sessions: number;
  bytes: number;
  aborted: boolean;
}): string {
  if (sessions === 0) return "no unfinished uploads that are that old and in no journal\n";
  const end = aborted ? "aborted" : "nothing was aborted; --yes does";
  return `${counted(sessions, "unfinished upload")}, ${formatBytes(bytes)}: ${end}\n`;
}
