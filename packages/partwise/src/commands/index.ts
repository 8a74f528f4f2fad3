import type { Command } from "commander";
import type { Host } from "../host.js";
import { discardCommand } from "./discard.js";
import { listCommand } from "./list.js";
import { sweepCommand } from "./sweep.js";
import { transfersCommand } from "./transfers.js";
import { uploadCommand } from "./upload.js";

/** Every command, in the order of the help. A new one is a file here and a line below. */
export const commands: readonly ((host: Host) => Command)[] = [
  uploadCommand,
  listCommand,
  transfersCommand,
  discardCommand,
  sweepCommand,
];
