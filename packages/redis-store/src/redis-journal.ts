import {
  type AppendOptions,
  isTransferError,
  type Journal,
  type JournalPage,
  type JsonValue,
  type Lease,
  type LeaseInfo,
  type Position,
  TransferError,
} from "@partwise/core/contract";
import type { Catalog } from "./catalog.js";
import { type JournalKeys, journalKeys } from "./keys.js";
import { invalid } from "./options.js";
import { readJournal } from "./reader.js";
import { RedisLease } from "./redis-lease.js";
import { listLeases, takeLease } from "./scripts/leases.js";
import { list, type Server, text } from "./server.js";
import { newNonce, Writer } from "./writer.js";

/** Milliseconds after which a journal in use is noted in the catalog again. */
const noteEvery = 60_000;

/** A journal in Redis. */
export class RedisJournal implements Journal {
  private readonly keys: JournalKeys;
  private readonly writers = new Map<string, Writer>();
  /** Of leases that we may hold without knowing, by name. */
  private readonly unsure = new Map<string, string>();
  private notedAt = Number.NEGATIVE_INFINITY;
  private closed = false;

  constructor(
    readonly id: string,
    private readonly server: Server,
    private readonly catalog: Catalog,
  ) {
    this.keys = journalKeys(server.settings.namespace, id);
  }

  read(from?: Position): Promise<JournalPage> {
    return readJournal(this.server, this.keys, this.id, from);
  }

  async append(
    entries: readonly JsonValue[],
    lease: Lease,
    { ordered = true }: AppendOptions = {},
  ): Promise<void> {
    const records = entries.map((entry) => JSON.stringify(entry));
    const writer = this.writer(lease);
    await (ordered ? writer.append(records) : writer.unordered(records));
  }

  async replace(entries: readonly JsonValue[], lease: Lease): Promise<void> {
    await this.writer(lease).replace(entries.map((entry) => JSON.stringify(entry)));
  }

  async lease(name: string, ttl: number, holder = this.server.settings.holder): Promise<Lease> {
    if (!(ttl >= 1_000 && ttl <= 3_600_000)) throw invalid(`a lease of ${ttl} ms; use 1000 to 3600000.`);
    if (name.length < 1 || name.length > 256) {
      throw invalid(`a lease's name has 1 to 256 characters, not ${name.length}.`);
    }
    const nonce = this.unsure.get(name) ?? newNonce();
    this.unsure.delete(name);
    const reply = await this.take(name, Math.floor(ttl), holder, nonce);
    const [answer, ...facts] = list(reply).map(text) as [string, ...string[]];
    if (answer === "held") throw held(name, facts);
    const [token = ""] = facts;
    return new RedisLease(this.server, this.keys, this.id, name, holder, token, ttl);
  }

  async leases(prefix: string): Promise<readonly LeaseInfo[]> {
    const reply = await this.server.run(listLeases, [this.keys.entries, this.keys.state], [prefix], this.id);
    return list(reply).map((each) => {
      const [name = "", holder = "", expiresAt, expiresIn] = list(each).map(text);
      return { name, holder, expiresAt: Number(expiresAt), expiresIn: Number(expiresIn) };
    });
  }

  setAside(lease: Lease): Promise<string> {
    return this.writer(lease).setAside();
  }

  async drop(lease: Lease): Promise<void> {
    await this.writer(lease).drop();
    this.writers.delete(lease.token);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closed = true;
    await Promise.all([...this.writers.values()].map((writer) => writer.settled()));
    this.writers.clear();
  }

  private async take(name: string, ttl: number, holder: string, nonce: string): Promise<unknown> {
    try {
      const args = [String(this.server.settings.ttl), name, String(ttl), holder, nonce];
      return await this.server.run(takeLease, [this.keys.entries, this.keys.state], args, this.id);
    } catch (error) {
      if (isTransferError(error) && error.outcome === "unknown") this.unsure.set(name, nonce);
      throw error;
    }
  }

  private async note(fresh: boolean): Promise<void> {
    const now = performance.now();
    if (!fresh && now - this.notedAt < noteEvery) return;
    this.notedAt = now;
    if (!(await this.catalog.note(this.id))) this.notedAt = Number.NEGATIVE_INFINITY;
  }

  private writer(lease: Lease): Writer {
    if (this.closed) throw new TransferError("invalid-options", `Journal ${this.id} is closed.`);
    const known = this.writers.get(lease.token);
    if (known !== undefined) return known;
    const writer = new Writer(this.server, this.keys, this.id, lease, (fresh) => this.note(fresh));
    this.writers.set(lease.token, writer);
    return writer;
  }
}

function held(name: string, [holder = "", expiresAt, expiresIn]: readonly string[]): TransferError {
  const details = { lease: name, holder, expiresAt: Number(expiresAt), expiresIn: Number(expiresIn) };
  return new TransferError(
    "lease-held",
    `"${name}" is held by ${holder} for another ${expiresIn} ms unless renewed. Wait, or stop the other one.`,
    { details },
  );
}
