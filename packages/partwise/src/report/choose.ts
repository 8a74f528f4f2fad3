import type { Host } from "../host.js";
import { JsonReporter } from "./json.js";
import { PlainReporter } from "./plain.js";
import type { Reporter, Subject } from "./reporter.js";
import { TtyReporter } from "./tty.js";

/** Chooses the writer that fits the options and the terminal. */
export function createReporter(
  host: Host,
  subject: Subject,
  options: { readonly json?: boolean; readonly quiet?: boolean },
): Reporter {
  if (options.json) return new JsonReporter(host, options.quiet === true);
  if (options.quiet) return silent;
  const drawn = host.stderr.isTTY && !host.env.CI && host.env.TERM !== "dumb";
  return drawn ? new TtyReporter(host, subject) : new PlainReporter(host, subject);
}

const silent: Reporter = { event() {}, pausing() {}, done() {}, close() {} };
