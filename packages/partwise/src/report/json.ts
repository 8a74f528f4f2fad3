import type { TransferEvent, UploadResult } from "@partwise/core";
import type { Host } from "../host.js";
import type { Reporter } from "./reporter.js";
import { resultFields } from "./result.js";

/** One event per line on stdout; `transfer.completed` is kept back so that it is the last. */
export class JsonReporter implements Reporter {
  readonly #host: Host;
  readonly #onlyLast: boolean;
  #completed: TransferEvent | undefined;

  constructor(host: Host, onlyLast: boolean) {
    this.#host = host;
    this.#onlyLast = onlyLast;
  }

  event(event: TransferEvent): void {
    if (event.type === "transfer.completed") this.#completed = event;
    else if (!this.#onlyLast) this.#line(event);
  }

  pausing(): void {}

  done(result: UploadResult): void {
    const at = this.#completed?.at ?? this.#host.now();
    this.#line({ type: "transfer.completed", at, ...result, ...resultFields(result) });
  }

  close(): void {}

  #line(value: object): void {
    this.#host.stdout.write(`${JSON.stringify(value)}\n`);
  }
}
