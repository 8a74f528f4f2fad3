import type { PartRecord, SessionRecord } from "./records.js";

/** An open session in memory: the index that spares listings the disk. */
export class Session {
  readonly #parts = new Map<number, PartRecord>();
  #arrivals = 0;
  /** Set when Complete or Abort has begun: from then on the session is gone for everybody else. */
  closed = false;

  constructor(readonly record: SessionRecord) {}

  get uploadId(): string {
    return this.record.uploadId;
  }

  get key(): string {
    return this.record.key;
  }

  nextArrival(): number {
    return ++this.#arrivals;
  }

  /** Adds or replaces a part; gives the record that is no longer needed. */
  put(part: PartRecord): PartRecord | undefined {
    this.#arrivals = Math.max(this.#arrivals, part.arrival);
    const other = this.#parts.get(part.number);
    if (other && other.arrival > part.arrival) return part;
    this.#parts.set(part.number, part);
    return other;
  }

  part(number: number): PartRecord | undefined {
    return this.#parts.get(number);
  }

  get partCount(): number {
    return this.#parts.size;
  }

  /** In the order of part numbers. */
  parts(): PartRecord[] {
    return [...this.#parts.values()].sort((a, b) => a.number - b.number);
  }
}
