import { TransferError } from "../errors.js";
import type { SupersedeReason } from "../events.js";
import type { Checkpoint } from "../model/checkpoint.js";
import type { Run } from "./run.js";

/** Go on with the journal's session, or begin a new one (`reason`: because it takes the place of another). */
export type Decision =
  | { readonly go: "on" }
  | { readonly go: "anew"; readonly reason: SupersedeReason | undefined };

/**
 * Compares what the journal meant with what is asked now. The same size goes on, under proof: a touched or copied file
 * does not restart 100 GB. Throws `source-changed` rather than throw away what somebody else left half-done.
 */
export function decide(run: Run, before: Checkpoint): Decision {
  const { planned, session } = before;
  if (planned && planned.transport !== run.transport.id) {
    throw new TransferError(
      "invalid-options",
      `Transfer ${run.id} belongs to ${planned.target} (${planned.transport}), not to ${run.transport.id}. Use another id.`,
    );
  }
  if (planned && planned.key !== run.order.key) {
    throw new TransferError(
      "invalid-options",
      `Transfer ${run.id} goes to ${planned.target}, not to ${run.transport.locate(run.order.key)}. Use another id.`,
    );
  }
  // Where no session was opened there is nothing to go on with, and nothing to throw away.
  if (!planned || !session || before.abandoned) return { go: "anew", reason: undefined };
  const reason = whyAnew(run, before);
  return reason ? { go: "anew", reason } : { go: "on" };
}

function whyAnew(run: Run, before: Checkpoint): SupersedeReason | undefined {
  const { plan, location, opening } = before.planned!;
  if (run.order.restart) return "restart";
  if (plan.size !== run.size) {
    if (location !== undefined && location === run.source.location) return "source-size";
    throw new TransferError(
      "source-changed",
      `A half-done transfer to ${run.transport.locate(run.order.key)} was begun from ${location ?? "another source"} with ${plan.size} bytes; this source has ${run.size}. Use restart to throw that one away.`,
    );
  }
  return opening === run.opening ? undefined : "options";
}
