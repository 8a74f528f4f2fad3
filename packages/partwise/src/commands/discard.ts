import { TransferError, type TransferSummary } from "@partwise/core";
import { Command } from "commander";
import { looksLikeTarget, parseTarget } from "../args/target.js";
import { Paused, usageError } from "../failure.js";
import type { Host } from "../host.js";
import { listenForPause } from "../pause.js";
import { counted, printable } from "../report/format.js";
import { withTransfers } from "./connect.js";
import { knownTransfers } from "./known.js";
import {
  type RemoteOptions,
  type StoreOptions,
  storeDirectory,
  withRemoteOptions,
  withStoreOptions,
} from "./options.js";

interface DiscardOptions extends RemoteOptions, StoreOptions {
  readonly quiet?: boolean;
}

/** `partwise discard <id or target>` */
export function discardCommand(host: Host): Command {
  const command = new Command("discard")
    .description("abort a transfer at the remote and forget it")
    .argument("<id or target>", "an id of `partwise list`, its first letters, or oss://bucket/key")
    .option("--quiet", "print errors only")
    .action((which: string, options: DiscardOptions) => discard(host, which, options));
  return withStoreOptions(withRemoteOptions(command));
}

async function discard(host: Host, which: string, options: DiscardOptions): Promise<void> {
  const { id, target } = looksLikeTarget(which)
    ? { id: undefined, target: which }
    : await find(host, which, options);
  const { bucket, key } = parseTarget(target);
  await withTransfers(host, bucket, options, {}, async (transfers, transport) => {
    const pause = listenForPause(
      host,
      () => {},
      () => {},
    );
    try {
      const done = await transfers.discard(id === undefined ? { key } : { id }, { signal: pause.signal });
      const location = transport.locate(key);
      if (options.json) {
        host.stdout.write(`${JSON.stringify({ type: "transfer.discarded", key, location, ...done })}\n`);
      } else if (!options.quiet) {
        host.stdout.write(
          `discarded ${printable(location)}  ${counted(done.aborted, "unfinished upload")} aborted\n`,
        );
      }
    } catch (error) {
      if (error !== pause.signal.reason || !pause.signal.aborted) throw error;
      throw new Paused("stopped while discarding; run the same command again to finish it");
    } finally {
      pause.stop();
    }
  });
}

/** The one known transfer whose id begins so. */
async function find(
  host: Host,
  start: string,
  options: StoreOptions,
): Promise<{ id: string; target: string }> {
  const store = host.openStore(storeDirectory(host, options));
  let known: readonly TransferSummary[];
  try {
    known = await knownTransfers(host, store);
  } finally {
    await store.close();
  }
  const exact = known.filter(({ id }) => id === start);
  const found = exact.length > 0 ? exact : known.filter(({ id }) => start !== "" && id.startsWith(start));
  const [first, second] = found;
  if (!first) {
    throw new TransferError(
      "not-found",
      `No transfer in the store has an id that begins with ${JSON.stringify(start)}; see partwise list.`,
    );
  }
  if (second) {
    throw usageError(`${found.length} transfers have ids that begin with ${start}. Write more of the id.`);
  }
  if (first.target === undefined) {
    throw new TransferError(
      "checkpoint-unreadable",
      `The journal of transfer ${first.id} cannot be read, so its remote is not known. The next upload to its target sets it aside.`,
      { details: { id: first.id } },
    );
  }
  return { id: first.id, target: first.target };
}
