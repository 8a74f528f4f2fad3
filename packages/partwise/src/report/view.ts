import type { Progress, TransferEvent } from "@partwise/core";

/** What the transfer is busy with. */
export type Phase = "starting" | "waiting" | "sending" | "proving" | "finishing" | "done";

/** Where a transfer stands, folded from its events. */
export class View {
  phase: Phase = "starting";
  progress: Progress | undefined;
  total: number | undefined;
  #found = 0;

  hear(event: TransferEvent): void {
    if (event.type === "transfer.planned") {
      this.total = event.plan.size;
      this.phase = "sending";
    } else if (event.type === "transfer.waiting") this.phase = "waiting";
    else if (event.type === "transfer.sealing") this.phase = "finishing";
    else if (event.type === "transfer.completed") this.phase = "done";
    else if (event.type === "session.resumed") this.#found = event.bytes;
    else if (event.type === "session.superseded") this.#found = 0;
    if ("progress" in event) this.#take(event.progress);
  }

  #take(progress: Progress): void {
    this.progress = progress;
    this.total = progress.total;
    this.#found = Math.max(this.#found, progress.unproven);
    if (this.phase === "finishing" || this.phase === "done") return;
    const allThere = progress.acknowledged + progress.unproven >= progress.total;
    this.phase = allThere && progress.unproven > 0 ? "proving" : "sending";
  }

  /** Bytes at the remote, those not yet proven included. */
  get there(): number {
    return this.progress ? this.progress.acknowledged + this.progress.unproven : 0;
  }

  /** Bytes this process sent, where other members of a crew sent some too. */
  get ownShare(): number | undefined {
    if (!this.progress) return undefined;
    const { acknowledged, sent, resumed } = this.progress;
    return acknowledged > sent + resumed ? sent : undefined;
  }

  /** Share of the found bytes that have been compared, 0 to 1; `undefined` when none were found. */
  get proven(): number | undefined {
    if (this.#found === 0 || !this.progress) return undefined;
    return 1 - this.progress.unproven / this.#found;
  }
}
