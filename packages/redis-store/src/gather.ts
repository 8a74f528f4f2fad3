/** Most records, and about most characters, of one call. */
export const perCall = { records: 500, characters: 256 * 1024 };

interface Waiting {
  readonly records: readonly string[];
  resolve(): void;
  reject(error: unknown): void;
}

/** Gathers appends whose order does not matter: while one call is under way, all that comes goes into the next. */
export class Gather {
  private waiting: Waiting[] = [];
  private running: Promise<void> | undefined;

  constructor(private readonly write: (records: readonly string[]) => Promise<void>) {}

  add(records: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ records, resolve, reject });
      this.running ??= this.run();
    });
  }

  /** Resolves when nothing is on its way; never rejects. */
  async settled(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    // One turn for all who append in the same breath.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const batch = this.next();
      try {
        await this.write(batch.flatMap(({ records }) => records));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.running = undefined;
  }

  private next(): Waiting[] {
    let records = 0;
    let characters = 0;
    let count = 0;
    for (const each of this.waiting) {
      records += each.records.length;
      for (const { length } of each.records) characters += length;
      if (count > 0 && (records > perCall.records || characters > perCall.characters)) break;
      count++;
    }
    return this.waiting.splice(0, count);
  }
}
