import type { TransferSummary } from "@partwise/core";
import { Command } from "commander";
import type { Host } from "../host.js";
import { formatBytes, formatDuration, formatPercent, printable } from "../report/format.js";
import { shortId, table } from "../report/table.js";
import { knownTransfers } from "./known.js";
import { type StoreOptions, storePlace, withStoreOptions } from "./options.js";
import { watch } from "./watch.js";

interface ListOptions extends StoreOptions {
  readonly watch?: boolean;
}

/** `partwise list` */
export function listCommand(host: Host): Command {
  const command = new Command("list")
    .description("show the transfers the store knows, the latest first")
    .option("--watch", "look again every second and show how far each one is; Ctrl-C leaves")
    .action((options: ListOptions) => list(host, options));
  return withStoreOptions(command);
}

async function list(host: Host, options: ListOptions): Promise<void> {
  const store = await host.openStore(storePlace(host, options));
  try {
    if (options.watch) return await watch(host, store, options.json === true);
    const found = await knownTransfers(host, store);
    if (options.json) {
      for (const each of found) host.stdout.write(`${JSON.stringify(each)}\n`);
    } else if (found.length === 0) {
      host.stderr.write(`no transfers in ${printable(store.name)}\n`);
    } else {
      const now = host.now();
      const head = ["ID", "TARGET", "STATE", "DONE", "SIZE", "CHANGED", "HELD BY"];
      host.stdout.write(table([head, ...found.map((each) => row(each, now))]).join(""));
    }
  } finally {
    await store.close();
  }
}

function row(summary: TransferSummary, now: number): string[] {
  const { id, state, size, storedBytes, updatedAt, target, holders } = summary;
  return [
    id.slice(0, shortId),
    printable(target ?? "?"),
    state,
    size === undefined ? "" : formatPercent(state === "sealed" ? size : storedBytes, size),
    size === undefined ? "" : formatBytes(size),
    `${formatDuration(Math.max(0, now - updatedAt))} ago`,
    printable(holders.join(", ")),
  ];
}
