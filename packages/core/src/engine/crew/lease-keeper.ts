import type { Lease } from "../../contracts/checkpoint-store.js";
import type { Clock } from "../../contracts/clock.js";
import { isTransferError } from "../../errors.js";

/** Renews every lease a member holds, until it is let go. A store that is away is asked again next time. */
export class LeaseKeeper {
  readonly #clock: Clock;
  readonly #ttl: number;
  readonly #ended = new AbortController();
  readonly #kept = new Map<Lease, () => void>();
  readonly #keeping: Promise<void>;

  /** @param ttl Milliseconds each lease lasts. */
  constructor(clock: Clock, ttl: number) {
    this.#clock = clock;
    this.#ttl = ttl;
    this.#keeping = this.#keep();
  }

  /** @param lost Told once when the lease turns out to be gone. */
  add(lease: Lease, lost: () => void): void {
    this.#kept.set(lease, lost);
  }

  /** Stops renewing a lease and gives it back. */
  async release(lease: Lease): Promise<void> {
    this.#kept.delete(lease);
    await lease.release().catch(passing);
  }

  async end(): Promise<void> {
    this.#ended.abort();
    await this.#keeping;
    await Promise.all([...this.#kept.keys()].map((lease) => this.release(lease)));
  }

  async #keep(): Promise<void> {
    const ended = this.#ended.signal;
    while (!ended.aborted) {
      await this.#clock.sleep(this.#ttl / 3, ended).catch(() => undefined);
      if (!ended.aborted) await Promise.all([...this.#kept].map(([lease, lost]) => this.#renew(lease, lost)));
    }
  }

  async #renew(lease: Lease, lost: () => void): Promise<void> {
    try {
      await lease.renew();
    } catch (error) {
      passing(error);
      if (isTransferError(error, "lease-lost") && this.#kept.delete(lease)) lost();
    }
  }
}

/** What a store says while it is away, or of a lease it forgot, costs no correctness. */
function passing(error: unknown): void {
  if (!isTransferError(error)) throw error;
}
