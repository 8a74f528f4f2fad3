import type { Clock } from "../contracts/clock.js";
import type { Progress } from "../events.js";

/** The rate is taken over about this many milliseconds. */
const rateWindow = 5_000;

/** Keeps count of one transfer's bytes. What it publishes as acknowledged never falls. */
export class ProgressMeter {
  readonly #clock: Clock;
  readonly #total: number;
  readonly #inFlight = new Map<symbol, number>();
  readonly #samples: { at: number; bytes: number }[] = [];
  /** Parts that count as acknowledged. */
  readonly #counted = new Set<number>();
  #acknowledged = 0;
  #published = 0;
  #unproven = 0;
  resumed = 0;
  sent = 0;
  wasted = 0;

  constructor(clock: Clock, total: number) {
    this.#clock = clock;
    this.#total = total;
  }

  /** Bytes found on the remote, still to be compared. */
  found(bytes: number): void {
    this.#unproven += bytes;
  }

  /** A found part was compared; `same` counts it. */
  proven(number: number, bytes: number, same: boolean): void {
    this.#unproven -= bytes;
    if (!same || !this.#count(number, bytes)) return;
    this.resumed += bytes;
  }

  /** Another member of the crew stored a part. */
  storedElsewhere(number: number, bytes: number): void {
    this.#count(number, bytes);
  }

  /** The whole object turned out to be there: what this run did not send, an earlier one did. */
  foundWhole(): void {
    this.#acknowledged = this.#total;
    this.resumed = Math.max(0, this.#total - this.sent);
  }

  /** A new session: nothing of the old one counts. */
  restart(): void {
    this.#counted.clear();
    this.#acknowledged = this.#unproven = this.resumed = 0;
  }

  /** Bytes of an attempt moved; its first call makes it known. */
  moved(attempt: symbol, bytes: number): void {
    this.#inFlight.set(attempt, (this.#inFlight.get(attempt) ?? 0) + bytes);
  }

  /** An attempt failed: what it had moved was in vain. */
  failed(attempt: symbol): void {
    this.wasted += this.#inFlight.get(attempt) ?? 0;
    this.#inFlight.delete(attempt);
  }

  /** An attempt was acknowledged; a part that counted before was sent in vain. */
  stored(attempt: symbol, number: number, bytes: number): void {
    this.#inFlight.delete(attempt);
    this.sent += bytes;
    if (!this.#count(number, bytes)) this.wasted += bytes;
    this.#samples.push({ at: this.#clock.now(), bytes });
  }

  #count(number: number, bytes: number): boolean {
    if (this.#counted.has(number)) return false;
    this.#counted.add(number);
    this.#acknowledged += bytes;
    return true;
  }

  read(): Progress {
    this.#published = Math.min(this.#total, Math.max(this.#published, this.#acknowledged));
    let inFlight = 0;
    for (const bytes of this.#inFlight.values()) inFlight += bytes;
    const bytesPerSecond = this.#rate();
    const left = this.#total - this.#published;
    return {
      total: this.#total,
      acknowledged: this.#published,
      unproven: this.#unproven,
      inFlight,
      sent: this.sent,
      resumed: this.resumed,
      wasted: this.wasted,
      bytesPerSecond,
      eta: bytesPerSecond > 0 ? Math.round((left / bytesPerSecond) * 1000) : undefined,
    };
  }

  #rate(): number {
    const now = this.#clock.now();
    while (this.#samples.length > 1 && now - this.#samples[0]!.at > rateWindow) this.#samples.shift();
    const first = this.#samples[0];
    if (!first || this.#samples.length < 2) return 0;
    const span = Math.max(now - first.at, 1);
    const bytes = this.#samples.reduce((sum, sample) => sum + sample.bytes, 0) - first.bytes;
    return Math.round((bytes / span) * 1000);
  }
}
