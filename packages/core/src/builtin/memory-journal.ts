import type { Journal, JournalPage, Lease, LeaseInfo, Position } from "../contracts/checkpoint-store.js";
import type { Clock } from "../contracts/clock.js";
import { TransferError } from "../errors.js";
import type { JsonValue } from "../model/json.js";

/** All that a memory store holds. */
export interface MemoryState {
  readonly clock: Clock;
  readonly name: string;
  readonly journals: Map<string, KeptJournal>;
  readonly asides: Map<string, readonly JsonValue[]>;
  /** Counts leases, generations and asides: no number is used twice, whatever is dropped. */
  made: number;
}

/** One journal as held. */
export interface KeptJournal {
  /** Names these entries as a whole; another one after they were replaced. */
  generation: number;
  entries: JsonValue[];
  updatedAt: number;
  readonly leases: Map<string, KeptLease>;
}

interface KeptLease {
  readonly holder: string;
  readonly token: string;
  expiresAt: number;
}

/** A lease is over at the very millisecond of its expiry. */
export function liveLeases(kept: KeptJournal, now: number): readonly (readonly [string, KeptLease])[] {
  return [...kept.leases].filter(([, lease]) => lease.expiresAt > now);
}

/** Place before the first entry of a journal that does not exist. */
const nowhere = "0.0";

/** A handle on one journal; all handles of one id see the same. */
export class MemoryJournal implements Journal {
  constructor(
    readonly id: string,
    private readonly state: MemoryState,
  ) {}

  async read(from: Position = nowhere): Promise<JournalPage> {
    const kept = this.state.journals.get(this.id);
    const generation = kept?.generation ?? 0;
    const entries = kept?.entries ?? [];
    const position = kept === undefined ? nowhere : `${generation}.${entries.length}`;
    const [origin, offset] = from.split(".").map(Number) as [number, number];
    if (from === nowhere) return { entries: entries.slice(), position, fromStart: false };
    const known = origin === generation && offset <= entries.length;
    return { entries: entries.slice(known ? offset : 0), position, fromStart: !known };
  }

  async append(entries: readonly JsonValue[], lease: Lease): Promise<void> {
    const kept = this.fenced(lease);
    if (entries.length === 0) return;
    const copies = entries.map(frozenCopy);
    for (const copy of copies) kept.entries.push(copy);
    kept.updatedAt = this.state.clock.now();
  }

  async replace(entries: readonly JsonValue[], lease: Lease): Promise<void> {
    this.renewEntries(this.fenced(lease), entries.map(frozenCopy));
  }

  async setAside(lease: Lease): Promise<string> {
    const kept = this.fenced(lease);
    const place = `${this.state.name}:${this.id}.${++this.state.made}`;
    this.state.asides.set(place, kept.entries);
    this.renewEntries(kept, []);
    return place;
  }

  async drop(lease: Lease): Promise<void> {
    this.fenced(lease);
    this.state.journals.delete(this.id);
  }

  async lease(name: string, ttl: number, holder = "this process"): Promise<Lease> {
    if (!(ttl >= 1_000 && ttl <= 3_600_000)) {
      throw new TransferError("invalid-options", `A lease of ${ttl} ms; use 1000 to 3600000.`);
    }
    const now = this.state.clock.now();
    const kept = this.kept();
    const current = kept.leases.get(name);
    if (current !== undefined && current.expiresAt > now) throw held(name, current, now);
    const chance = Math.floor(this.state.clock.random() * 2 ** 32).toString(36);
    const token = `${++this.state.made}.${chance}`;
    kept.leases.set(name, { holder, token, expiresAt: now + ttl });
    const lease: Lease = {
      name,
      holder,
      token,
      ttl,
      renew: async () => {
        this.current(lease).expiresAt = this.state.clock.now() + ttl;
      },
      release: async () => {
        const found = this.state.journals.get(this.id);
        if (found?.leases.get(name)?.token !== token) return;
        found.leases.delete(name);
        if (found.entries.length === 0 && found.leases.size === 0) this.state.journals.delete(this.id);
      },
    };
    return lease;
  }

  async leases(prefix: string): Promise<readonly LeaseInfo[]> {
    const now = this.state.clock.now();
    const kept = this.state.journals.get(this.id);
    if (kept === undefined) return [];
    return liveLeases(kept, now)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, { holder, expiresAt }]) => ({ name, holder, expiresAt, expiresIn: expiresAt - now }));
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  private kept(): KeptJournal {
    const found = this.state.journals.get(this.id);
    if (found !== undefined) return found;
    const made: KeptJournal = {
      generation: ++this.state.made,
      entries: [],
      updatedAt: this.state.clock.now(),
      leases: new Map(),
    };
    this.state.journals.set(this.id, made);
    return made;
  }

  private fenced(lease: Lease): KeptJournal {
    this.current(lease);
    return this.kept();
  }

  private current(lease: Lease): KeptLease {
    const found = this.state.journals.get(this.id)?.leases.get(lease.name);
    if (found === undefined || found.token !== lease.token || found.expiresAt <= this.state.clock.now()) {
      throw new TransferError(
        "lease-lost",
        `The lease "${lease.name}" of journal ${this.id} is no longer ours. Take it again and read the journal before going on.`,
        { details: { lease: lease.name } },
      );
    }
    return found;
  }

  private renewEntries(kept: KeptJournal, entries: JsonValue[]): void {
    kept.entries = entries;
    kept.generation = ++this.state.made;
    kept.updatedAt = this.state.clock.now();
  }
}

function held(name: string, { holder, expiresAt }: KeptLease, now: number): TransferError {
  const expiresIn = expiresAt - now;
  return new TransferError(
    "lease-held",
    `"${name}" is held by ${holder} for another ${expiresIn} ms unless renewed. Wait, or stop the other one.`,
    { details: { lease: name, holder, expiresAt, expiresIn } },
  );
}

/** A copy that neither the giver nor a reader can change: entries are facts. */
function frozenCopy(entry: JsonValue): JsonValue {
  return JSON.parse(JSON.stringify(entry), (_, value: unknown) => Object.freeze(value)) as JsonValue;
}
