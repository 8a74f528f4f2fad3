import { type CheckpointStore, isTransferError, type TransferSummary } from "@partwise/core";
import { exitStatus } from "../failure.js";
import type { Host } from "../host.js";
import {
  formatBytes,
  formatDuration,
  formatPercent,
  formatRate,
  printable,
  shorten,
} from "../report/format.js";
import { Pace } from "../report/pace.js";
import { shortId, table } from "../report/table.js";
import { knownTransfers } from "./known.js";

/** Milliseconds between two looks at the store. */
const lookEvery = 1_000;

/** Shows what a store's transfers do, whoever carries them out and wherever, until a signal comes. */
export async function watch(host: Host, store: CheckpointStore, json: boolean): Promise<void> {
  const over = new AbortController();
  const stop = host.onSignal(() => {
    if (over.signal.aborted) host.exit(exitStatus.done);
    over.abort();
  });
  const left = new Promise<undefined>((resolve) => {
    over.signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  const drawn = !json && host.stdout.isTTY && host.env.TERM !== "dumb";
  const show = json ? linesOf(host, asJson) : drawn ? redraw(host, store) : linesOf(host, asLine);
  const pace = new Pace();
  let seen = false;
  try {
    while (!over.signal.aborted) {
      // A store that is away must not keep somebody who wants to leave.
      const look = knownTransfers(host, store);
      look.catch(() => undefined);
      try {
        const found = await Promise.race([look, left]);
        if (!found) return;
        seen = true;
        pace.note(found, host.now());
        show(found, pace);
      } catch (error) {
        if (!seen || !isTransferError(error, "store-unavailable")) throw error;
        host.stderr.write(`${drawn ? "\r" : ""}${printable(error.message)}\n`);
      }
      await host.sleep(lookEvery, over.signal);
    }
  } finally {
    stop();
  }
}

type Show = (found: readonly TransferSummary[], pace: Pace) => void;

/** A line for each transfer that is new or has changed, for pipes and logs. */
function linesOf(host: Host, line: (summary: TransferSummary, pace: Pace) => string): Show {
  const told = new Map<string, string>();
  return (found, pace) => {
    for (const each of found) {
      const { id, updatedAt, ...rest } = each;
      const facts = JSON.stringify(rest);
      if (told.get(id) === facts) continue;
      told.set(id, facts);
      host.stdout.write(`${line(each, pace)}\n`);
    }
  };
}

function asJson(summary: TransferSummary, pace: Pace): string {
  return JSON.stringify({ ...summary, bytesPerSecond: Math.round(pace.of(summary.id)) });
}

function asLine(summary: TransferSummary, pace: Pace): string {
  return row(summary, pace)
    .filter((cell) => cell !== "")
    .join("  ");
}

/** The whole table again and again at the same place of the terminal. */
function redraw(host: Host, store: CheckpointStore): Show {
  let height = 0;
  return (found, pace) => {
    const head = ["ID", "TARGET", "STATE", "DONE", "SIZE", "RATE", "LEFT", "HELD BY"];
    const lines =
      found.length === 0
        ? [`no transfers in ${printable(store.name)}\n`]
        : table([head, ...found.map((each) => row(each, pace))]);
    const { columns = 80, rows = 24 } = host.stdout;
    // A line that wraps, or a table that scrolls, could not be drawn over.
    const shown = lines.slice(0, Math.max(2, rows - 2));
    if (shown.length < lines.length) shown.push(`and ${lines.length - shown.length} more\n`);
    const text = shown.map((line) => `${shorten(line.trimEnd(), columns - 1)}\u001B[K\n`).join("");
    host.stdout.write(`${height > 0 ? `\r\u001B[${height}A` : ""}${text}\u001B[J`);
    height = shown.length;
  };
}

function row(summary: TransferSummary, pace: Pace): string[] {
  const { id, state, size, storedBytes, target, holders } = summary;
  const rate = state === "sending" ? pace.of(id) : 0;
  const left = size === undefined || rate === 0 ? "" : formatDuration(((size - storedBytes) / rate) * 1000);
  return [
    id.slice(0, shortId),
    printable(target ?? "?"),
    state,
    size === undefined ? "" : formatPercent(storedBytes, size),
    size === undefined ? "" : formatBytes(size),
    rate === 0 ? "" : formatRate(rate),
    left,
    printable(holders.join(", ")),
  ];
}
