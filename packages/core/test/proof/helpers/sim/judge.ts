import type { ModelRemote } from "@partwise/testkit";
import type { Progress, TransferEvent } from "../../../../src/index.js";
import { sameBytes } from "../data.js";
import type { SimFile } from "./file.js";

/** Somebody who uploads, as the judge sees them. */
export interface Seen {
  readonly name: string;
  acknowledged: number;
}

/** Watches every step of a history, and remembers what broke a rule. */
export class Judge {
  readonly broken: string[] = [];
  readonly log: string[] = [];
  readonly #files: readonly SimFile[];
  readonly #remote: ModelRemote;

  constructor(remote: ModelRemote, files: readonly SimFile[]) {
    this.#files = files;
    this.#remote = remote;
    const set = remote.objects.set.bind(remote.objects);
    remote.objects.set = (key, object) => {
      const known = this.#files.some((file) => file.contents.some((each) => sameBytes(object.bytes, each)));
      this.demand(known, "an object was made that no source ever was");
      return set(key, object);
    };
  }

  demand(held: boolean, what: string): void {
    if (!held) this.broken.push(what);
  }

  note(line: string): void {
    this.log.push(line);
  }

  /** Hears one event of one call. */
  hear(seen: Seen, event: TransferEvent): void {
    if ("progress" in event) this.#progress(seen, event.progress);
    if (event.type === "transfer.progressed") return;
    const { id, key, at, type, ...rest } = event;
    this.note(`${at} ${seen.name} ${type} ${short(rest)}`);
  }

  #progress(seen: Seen, { acknowledged, total, unproven, inFlight }: Progress): void {
    this.demand(
      acknowledged >= seen.acknowledged,
      `acknowledged fell from ${seen.acknowledged} to ${acknowledged}`,
    );
    this.demand(acknowledged <= total, `acknowledged ${acknowledged} of ${total}`);
    this.demand(unproven >= 0 && inFlight >= 0, `unproven ${unproven}, in flight ${inFlight}`);
    seen.acknowledged = acknowledged;
  }

  /** Before `by` aborts a session: it must not be the one that the journal now tells everybody to work with. */
  aborts(by: Seen, session: string, current: string | undefined): void {
    if (this.#remote.sessions.get(session)?.state !== "open") return;
    this.demand(session !== current, `${by.name} aborts ${session}, which the journal says is in use`);
  }
}

function short(rest: object): string {
  const { progress, message, ...kept } = rest as { progress?: Progress; message?: string };
  return JSON.stringify({
    ...kept,
    ...(progress && { acknowledged: progress.acknowledged }),
    ...(message && { message: message.slice(0, 60) }),
  });
}
