import { moveTransfer } from "@partwise/core";
import { Command } from "commander";
import { looksLikeTarget } from "../args/target.js";
import { usageError } from "../failure.js";
import type { Host } from "../host.js";
import { counted, printable } from "../report/format.js";
import { knownById, knownByTarget } from "./known.js";
import { placeOf, storePlace } from "./options.js";

interface MoveOptions {
  readonly from?: string;
  readonly to?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `partwise transfers <what to do>` */
export function transfersCommand(host: Host): Command {
  return new Command("transfers")
    .description("do something with a transfer's journal: move")
    .action(() => {
      throw usageError("Nothing to do was given. See partwise transfers --help.");
    })
    .addCommand(
      new Command("move")
        .description("move a transfer to another store; the same upload then goes on from there")
        .argument("<id or target>", "an id of `partwise list`, its first letters, or oss://bucket/key")
        .option("--from <store>", "where its journal is (default: as for every command)")
        .requiredOption("--to <store>", "a directory, or redis://…")
        .option("--json", "one JSON object on stdout")
        .option("--quiet", "print errors only")
        .action((which: string, options: MoveOptions) => move(host, which, options)),
    );
}

async function move(host: Host, which: string, options: MoveOptions): Promise<void> {
  const origin = placeOf("--from", options.from) ?? storePlace(host, {});
  const from = await host.openStore(origin);
  try {
    const to = await host.openStore(placeOf("--to", options.to));
    try {
      if (from.name === to.name) throw usageError(`--from and --to are the same store, ${from.name}.`);
      const find = looksLikeTarget(which) ? knownByTarget : knownById;
      const { id, target, storedParts, parts } = await find(host, from, which);
      await moveTransfer(id, from, to);
      if (options.json) {
        const moved = {
          type: "transfer.moved",
          id,
          target,
          storedParts,
          parts,
          from: from.name,
          to: to.name,
        };
        host.stdout.write(`${JSON.stringify(moved)}\n`);
      } else if (!options.quiet) {
        const done = `${storedParts} of ${counted(parts, "part")} stored`;
        host.stdout.write(`moved ${printable(target ?? id)}  ${done}  to ${printable(to.name)}\n`);
      }
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
}
