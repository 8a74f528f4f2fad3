import type { Lease } from "@partwise/core/contract";
import { leaseLost } from "./errors.js";
import type { JournalKeys } from "./keys.js";
import { releaseLease, renewLease } from "./scripts/leases.js";
import { type Server, text } from "./server.js";

/** A lease kept in Redis. */
export class RedisLease implements Lease {
  constructor(
    private readonly server: Server,
    private readonly keys: JournalKeys,
    private readonly id: string,
    readonly name: string,
    readonly holder: string,
    readonly token: string,
    readonly ttl: number,
  ) {}

  async renew(): Promise<void> {
    const args = [this.name, this.token, String(this.ttl)];
    const answer = await this.server.run(renewLease, this.both(), [this.journalTtl(), ...args], this.id);
    if (text(answer) !== "ok") throw leaseLost(this.name, this.id);
  }

  async release(): Promise<void> {
    await this.server.run(releaseLease, this.both(), [this.journalTtl(), this.name, this.token], this.id);
  }

  private both(): [string, string] {
    return [this.keys.entries, this.keys.state];
  }

  private journalTtl(): string {
    return String(this.server.settings.ttl);
  }
}
