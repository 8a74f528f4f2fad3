import { TransferError } from "@partwise/core";
import { Command } from "commander";
import { looksLikeTarget, parseTarget } from "../args/target.js";
import { Paused } from "../failure.js";
import type { Host } from "../host.js";
import { listenForPause } from "../pause.js";
import { counted, printable } from "../report/format.js";
import { withTransfers } from "./connect.js";
import { knownById } from "./known.js";
import {
  type RemoteOptions,
  type StoreOptions,
  storePlace,
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

/** An id that begins so, and its target, which names the remote. */
async function find(
  host: Host,
  start: string,
  options: StoreOptions,
): Promise<{ id: string; target: string }> {
  const store = await host.openStore(storePlace(host, options));
  try {
    const { id, target } = await knownById(host, store, start);
    if (target !== undefined) return { id, target };
    throw new TransferError(
      "checkpoint-unreadable",
      `The journal of transfer ${id} cannot be read, so its remote is not known. Name the target instead: partwise discard oss://bucket/key.`,
      { details: { id } },
    );
  } finally {
    await store.close();
  }
}
