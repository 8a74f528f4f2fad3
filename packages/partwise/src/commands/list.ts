import type { TransferSummary } from "@partwise/core";
import { Command } from "commander";
import type { Host } from "../host.js";
import { displayWidth, formatBytes, formatDuration, formatPercent, printable } from "../report/format.js";
import { knownTransfers } from "./known.js";
import { type StoreOptions, storeDirectory, withStoreOptions } from "./options.js";

/** Letters of an id that people get to see; `discard` takes them. */
const shortId = 10;

/** `partwise list` */
export function listCommand(host: Host): Command {
  const command = new Command("list")
    .description("show the transfers the store knows, the latest first")
    .action((options: StoreOptions) => list(host, options));
  return withStoreOptions(command);
}

async function list(host: Host, options: StoreOptions): Promise<void> {
  const store = host.openStore(storeDirectory(host, options));
  try {
    const found = await knownTransfers(host, store);
    if (options.json) {
      for (const each of found) host.stdout.write(`${JSON.stringify(each)}\n`);
    } else if (found.length === 0) {
      host.stderr.write(`no transfers in ${printable(store.name)}\n`);
    } else {
      const now = host.now();
      const head = ["ID", "TARGET", "STATE", "DONE", "SIZE", "CHANGED", "HELD BY"];
      host.stdout.write(table([head, ...found.map((each) => row(each, now))]));
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

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => displayWidth(cells[column] ?? ""))),
  );
  const pad = (cell: string, column: number) => cell + " ".repeat((widths[column] ?? 0) - displayWidth(cell));
  return rows.map((cells) => `${cells.map(pad).join("  ").trimEnd()}\n`).join("");
}
