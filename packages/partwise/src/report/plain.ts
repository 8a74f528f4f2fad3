import type { TransferEvent, UploadResult } from "@partwise/core";
import type { Host } from "../host.js";
import { counted, formatBytes, formatDuration, formatPercent, formatRate, printable } from "./format.js";
import { Notes } from "./notes.js";
import type { Reporter, Subject } from "./reporter.js";
import { resultLine } from "./result.js";
import { View } from "./view.js";

/** A line is due after this many milliseconds, and at each of so many steps to the whole. */
const everyMs = 10_000;
const steps = 10;

/** Lines for pipes and logs. */
export class PlainReporter implements Reporter {
  readonly #host: Host;
  readonly #subject: Subject;
  readonly #view = new View();
  readonly #notes = new Notes();
  #toldAt: number;
  #toldStep = 0;
  #told = "";

  constructor(host: Host, subject: Subject) {
    this.#host = host;
    this.#subject = subject;
    this.#toldAt = host.now();
  }

  event(event: TransferEvent): void {
    this.#view.hear(event);
    if (event.type === "transfer.planned") {
      const { size, parts } = event.plan;
      const { name, location } = this.#subject;
      this.#line(`${name} to ${location}: ${formatBytes(size)} in ${counted(parts, "part")}`);
    } else if (event.type === "transfer.sealing") {
      this.#progress();
      this.#line("finishing");
    } else {
      const note = this.#notes.of(event);
      if (note !== undefined) this.#line(note);
      else if (this.#due()) this.#progress();
    }
  }

  pausing(): void {
    this.#line("pausing; once more leaves at once");
  }

  done(result: UploadResult): void {
    this.#host.stdout.write(`${resultLine(result)}\n`);
  }

  close(): void {}

  #due(): boolean {
    const { total, there, progress } = this.#view;
    if (!progress || !total) return false;
    const late = this.#host.now() - this.#toldAt >= everyMs;
    return late || stepOf(there, total) > this.#toldStep;
  }

  #progress(): void {
    const { progress, there, proven, total, ownShare } = this.#view;
    if (!progress || total === undefined) return;
    this.#toldAt = this.#host.now();
    this.#toldStep = stepOf(there, total);
    const pieces = [`${formatPercent(there, total)}  ${formatBytes(there)} of ${formatBytes(total)}`];
    if (ownShare !== undefined) pieces.push(`${formatBytes(ownShare)} by us`);
    if (progress.bytesPerSecond > 0) pieces.push(formatRate(progress.bytesPerSecond));
    if (progress.eta !== undefined && there < total) pieces.push(`${formatDuration(progress.eta)} left`);
    if (proven !== undefined && proven < 1) pieces.push(`proving ${formatPercent(proven, 1)}`);
    const line = pieces.join("  ");
    if (line !== this.#told) this.#line(line);
    this.#told = line;
  }

  #line(text: string): void {
    this.#host.stderr.write(`${printable(text)}\n`);
  }
}

function stepOf(there: number, total: number): number {
  return Math.floor((there * steps) / total);
}
