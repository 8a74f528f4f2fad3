import { encode, type LogRecord } from "./log/frame.js";

/** A record on its way to the disk. */
export interface Pending {
  readonly record: LogRecord;
  readonly line: string;
  /** Wait until it is durable. */
  readonly sync: boolean;
  resolve(granted: boolean): void;
  reject(error: unknown): void;
}

/**
 * Gathers records into few writes: while one write is under way, all that comes goes into the next; and a record
 * that is in no hurry waits until `interval` milliseconds have passed since the last write.
 */
export class Gather {
  private waiting: Pending[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | undefined;
  private lastEnd = Number.NEGATIVE_INFINITY;
  private hurry = false;

  /** @param write Settles every record it is given; never throws. */
  constructor(
    private readonly interval: number,
    private readonly write: (batch: readonly Pending[]) => Promise<void>,
  ) {}

  /** Resolves with whether the record counts. Throws when it cannot be written as JSON. */
  add(record: LogRecord, options: { readonly sync: boolean; readonly hurry: boolean }): Promise<boolean> {
    const line = encode(record);
    return new Promise((resolve, reject) => {
      this.waiting.push({ record, line, sync: options.sync, resolve, reject });
      if (options.hurry) this.hurry = true;
      this.schedule();
    });
  }

  /** Writes all that waits now; resolves when it is settled. */
  async flush(): Promise<void> {
    while (this.waiting.length > 0 || this.running !== undefined) {
      this.hurry = true;
      this.schedule();
      await this.running;
    }
  }

  private schedule(): void {
    if (this.running !== undefined || this.waiting.length === 0) return;
    // Real time, not the store's clock: it spares the machine's disk and decides nothing.
    const wait = this.hurry ? 0 : this.interval - (performance.now() - this.lastEnd);
    if (wait <= 0) this.start();
    else this.timer ??= setTimeout(() => this.start(), wait);
  }

  private start(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.running = this.run();
  }

  private async run(): Promise<void> {
    // One turn for all who append in the same breath.
    await Promise.resolve();
    this.hurry = false;
    const batch = this.waiting;
    this.waiting = [];
    await this.write(batch);
    this.lastEnd = performance.now();
    this.running = undefined;
    this.schedule();
  }
}
