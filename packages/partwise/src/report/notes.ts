import type { SupersedeReason, TransferEvent } from "@partwise/core";
import { counted, formatBytes, formatDuration } from "./format.js";

const reasons: Readonly<Record<SupersedeReason, string>> = {
  "source-size": "the file has another size now",
  options: "the object's options differ from those it was begun with",
  "session-gone": "the remote no longer knows what was sent",
  restart: "as asked",
};

/** Retries of one kind are told at most once in this many milliseconds. */
const quietTime = 1000;

/** Puts the events that deserve a line of their own into words, without flooding. */
export class Notes {
  #lastRetry = Number.NEGATIVE_INFINITY;
  #untold = 0;

  /** The line for this event, if it deserves one. */
  of(event: TransferEvent): string | undefined {
    switch (event.type) {
      case "transfer.waiting":
        return `waiting for ${event.holder}; its hold runs out in ${formatDuration(event.expiresIn)} unless renewed`;
      case "session.resumed":
        return `going on: ${counted(event.parts, "part")} (${formatBytes(event.bytes)}) ${event.parts === 1 ? "is" : "are"} there already`;
      case "session.superseded":
        return `starting anew: ${reasons[event.reason]}`;
      case "session.orphaned":
        return "the answer to opening the upload was lost; an empty unfinished upload may be left at the remote";
      case "part.retried":
        return this.#retried(event);
      case "part.proven":
        return event.same ? undefined : `part ${event.number} differs from the file and is sent again`;
      case "transfer.warned":
        return event.message;
      case "store.away":
        return `the store cannot be written to for now (${event.message}); sending goes on`;
      case "store.back":
        return "the store is back";
      default:
        return undefined;
    }
  }

  #retried(event: TransferEvent & { type: "part.retried" }): string | undefined {
    if (event.at - this.#lastRetry < quietTime) {
      this.#untold += 1;
      return undefined;
    }
    const more = this.#untold > 0 ? `, and ${this.#untold} more were` : "";
    const what = event.number === undefined ? event.verb : `part ${event.number}`;
    this.#lastRetry = event.at;
    this.#untold = 0;
    return `${what} is tried again in ${formatDuration(event.delay)}${more}: ${event.message}`;
  }
}
