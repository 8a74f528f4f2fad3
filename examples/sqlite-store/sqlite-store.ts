/** A complete store of one's own, on SQLite: of Partwise nothing but the contract is used. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { CheckpointStore, Journal, JsonValue, Lease, LeaseInfo } from "@partwise/core/contract";
import { isTransferError, systemClock, TransferError } from "@partwise/core/contract";
import sqlite from "node-sqlite3-wasm";

// AUTOINCREMENT gives no number twice, so a position that is not there any more was replaced.
const schema = `
CREATE TABLE IF NOT EXISTS entries (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT, at INTEGER, text TEXT);
CREATE INDEX IF NOT EXISTS entries_of ON entries (id, seq);
CREATE TABLE IF NOT EXISTS leases (id TEXT, name TEXT, token TEXT, holder TEXT, until INTEGER, PRIMARY KEY (id, name));
CREATE TABLE IF NOT EXISTS asides (place TEXT, text TEXT)`;

/** @param patience Milliseconds to wait for transactions of other processes. */
export function sqliteStore(file: string, { clock = systemClock, patience = 5_000 } = {}): CheckpointStore {
  const now = () => clock.now();
  let db: sqlite.Database | undefined;
  let prepared = false;
  const sql = <T>(text: string, ...values: (string | number)[]) => db?.all(text, values) as T[];

  /** One transaction. The work awaits nothing, so no other work of this process comes between. */
  async function transact<T>(work: () => T): Promise<T> {
    for (const end = performance.now() + patience; ; await sleep(20)) {
      try {
        db ??= new sqlite.Database(file);
        db.exec(prepared ? "BEGIN IMMEDIATE" : `BEGIN IMMEDIATE; ${schema}`);
        const result = work();
        db.exec("COMMIT");
        prepared = true;
        return result;
      } catch (cause) {
        if (db?.inTransaction) db.exec("ROLLBACK");
        const { message } = cause as Error;
        if (isTransferError(cause)) throw cause;
        if (message.includes("locked") && performance.now() < end) continue;
        throw new TransferError("store-unavailable", `${file} cannot be used: ${message}.`, { cause });
      }
    }
  }

  function openJournal(id: string): Journal {
    const insert = (entries: readonly JsonValue[]) => {
      const text = "INSERT INTO entries (id, at, text) VALUES (?, ?, ?)";
      for (const entry of entries) sql(text, id, now(), JSON.stringify(entry));
    };
    const clear = () => sql("DELETE FROM entries WHERE id = ?", id);
    const heldNow = () => {
      const columns = "name, holder, until AS expiresAt, until - ? AS expiresIn";
      return sql<LeaseInfo>(`SELECT ${columns} FROM leases WHERE id = ? AND until > ?`, now(), id, now());
    };
    /** The lease is judged and the work done in one transaction. */
    const fenced = ({ name, token }: Lease, work: () => void) =>
      transact(() => {
        const text = "SELECT 1 FROM leases WHERE id = ? AND name = ? AND token = ? AND until > ?";
        if (sql(text, id, name, token, now()).length > 0) return work();
        const message = `The lease "${name}" of journal ${id} is no longer ours. Take it again and read.`;
        throw new TransferError("lease-lost", message, { details: { lease: name } });
      });
    const take = (name: string, ttl: number, holder: string): Lease => {
      const token = randomUUID();
      sql("INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?, ?)", id, name, token, holder, now() + ttl);
      const renewal = "UPDATE leases SET until = ? WHERE token = ?";
      const lease: Lease = {
        ...{ name, ttl, holder, token },
        renew: () => fenced(lease, () => void sql(renewal, now() + ttl, token)),
        release: () => transact(() => void sql("DELETE FROM leases WHERE token = ?", token)),
      };
      return lease;
    };
    return {
      id,
      read: (from = "0") =>
        transact(() => {
          const place = "SELECT 1 FROM entries WHERE id = ? AND seq = ?";
          const fromStart = from !== "0" && sql(place, id, Number(from)).length === 0;
          const after = fromStart ? 0 : Number(from);
          const text = "SELECT seq, text FROM entries WHERE id = ? AND seq > ? ORDER BY seq";
          const found = sql<{ seq: number; text: string }>(text, id, after);
          const entries = found.flatMap((each) => parse(each.text));
          if (after > 0 || found.length === 0 || entries.length > 0)
            return { entries, position: String(found.at(-1)?.seq ?? after), fromStart };
          const message = `No entry of journal ${id} in ${file} can be read.`;
          throw new TransferError("checkpoint-unreadable", message, { details: { id } });
        }),
      append: (entries, lease) => fenced(lease, () => insert(entries)),
      replace: (entries, lease) => fenced(lease, () => void [clear(), insert(entries)]),
      async setAside(lease) {
        const place = `${id} ${randomUUID()}`;
        const text = "INSERT INTO asides SELECT ?, text FROM entries WHERE id = ? ORDER BY seq";
        await fenced(lease, () => void [sql(text, place, id), clear()]);
        return place;
      },
      drop: (lease) => fenced(lease, () => void [clear(), sql("DELETE FROM leases WHERE id = ?", id)]),
      async lease(name, ttl, holder = `process ${process.pid}`) {
        if (!(ttl >= 1_000 && ttl <= 3_600_000)) throw invalid(`a lease of ${ttl} ms; use 1000 to 3600000`);
        return transact(() => {
          const held = heldNow().find((each) => each.name === name);
          if (held === undefined) return take(name, ttl, holder);
          const message = `"${name}" is held by ${held.holder} for another ${held.expiresIn} ms. Wait, or stop it.`;
          throw new TransferError("lease-held", message, { details: { lease: name, ...held } });
        });
      },
      leases: (prefix) => transact(() => heldNow().filter(({ name }) => name.startsWith(prefix))),
      async [Symbol.asyncDispose]() {},
    };
  }

  return {
    name: `sqlite:${file}`,
    reach: "host",
    // SQLite syncs its files; whether this build syncs the directory too, nobody says.
    durability: "process-crash",
    async open(id) {
      if (!/^[A-Za-z0-9_-]{1,128}$/.test(id)) throw invalid(`${JSON.stringify(id)} is no journal id`);
      return openJournal(id);
    },
    async *list() {
      const text = "SELECT id, MAX(at) AS updatedAt FROM entries GROUP BY id";
      yield* await transact(() => sql<{ id: string; updatedAt: number }>(text));
    },
    prune: ({ olderThan }) =>
      transact(() => {
        const free = "SELECT id FROM entries WHERE id NOT IN (SELECT id FROM leases WHERE until > ?)";
        const old = sql<{ id: string }>(`${free} GROUP BY id HAVING MAX(at) <= ?`, now(), now() - olderThan);
        for (const { id } of old) sql("DELETE FROM entries WHERE id = ?", id);
        return old.map(({ id }) => id);
      }),
    async close() {
      db?.close();
      db = undefined;
    },
  };
}

/** Nothing for a damaged entry: it is passed over. */
function parse(text: string): JsonValue[] {
  try {
    return [JSON.parse(text) as JsonValue];
  } catch {
    return [];
  }
}

const invalid = (what: string) => new TransferError("invalid-options", `sqliteStore: ${what}.`);
