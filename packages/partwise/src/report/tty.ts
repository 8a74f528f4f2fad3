import type { TransferEvent, UploadResult } from "@partwise/core";
import picocolors from "picocolors";
import type { Host } from "../host.js";
import { drawBar } from "./bar.js";
import { printable } from "./format.js";
import { Notes } from "./notes.js";
import type { Reporter, Subject } from "./reporter.js";
import { resultLine } from "./result.js";
import { View } from "./view.js";

/** Milliseconds between two drawings. */
const frame = 100;
const eraseLine = "\r\u001B[2K";

/**
 * One line at the foot of the terminal, drawn again and again; notes scroll away above it. The cursor is never hidden,
 * so a killed program leaves nothing to repair.
 */
export class TtyReporter implements Reporter {
  readonly #host: Host;
  readonly #name: string;
  readonly #view = new View();
  readonly #notes = new Notes();
  readonly #colors: ReturnType<typeof picocolors.createColors>;
  readonly #stopDrawing: () => void;
  #drawn = "";
  #closed = false;

  constructor(host: Host, subject: Subject) {
    this.#host = host;
    this.#name = printable(subject.name);
    this.#colors = picocolors.createColors(!host.env.NO_COLOR);
    this.#stopDrawing = host.every(frame, () => this.#draw());
    this.#draw();
  }

  event(event: TransferEvent): void {
    this.#view.hear(event);
    const note = this.#notes.of(event);
    if (note !== undefined) this.#above(note);
    // The last state before the line disappears deserves to be seen at once.
    if (event.type === "transfer.sealing") this.#draw();
  }

  pausing(): void {
    this.#above("pausing; once more leaves at once");
  }

  done(result: UploadResult): void {
    this.close();
    this.#host.stdout.write(`${resultLine(result)}\n`);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopDrawing();
    if (this.#drawn !== "") this.#host.stderr.write(eraseLine);
  }

  #above(note: string): void {
    if (this.#closed) return;
    this.#host.stderr.write(`${eraseLine}${printable(note)}\n`);
    this.#drawn = "";
    this.#draw();
  }

  #draw(): void {
    if (this.#closed) return;
    // Writing into the last column wraps on some terminals, and an echoed ^C wants two more.
    const columns = Math.max(20, (this.#host.stderr.columns ?? 80) - 3);
    const line = drawBar(this.#name, this.#view, {
      columns,
      unicode: this.#speaksUnicode(),
      colors: this.#colors,
    });
    if (line === this.#drawn) return;
    this.#host.stderr.write(eraseLine + line);
    this.#drawn = line;
  }

  #speaksUnicode(): boolean {
    const { LC_ALL, LC_CTYPE, LANG, WT_SESSION } = this.#host.env;
    return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || "") || WT_SESSION !== undefined;
  }
}
