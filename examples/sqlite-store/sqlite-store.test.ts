import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CheckpointStore } from "@partwise/core/contract";
import { fakeClock } from "@partwise/testkit";
import { describeStore } from "@partwise/testkit/vitest";
import sqlite from "node-sqlite3-wasm";
import { sqliteStore } from "./sqlite-store.js";

// All that a store's author writes to have it examined: how to open it, and how to harm it.
describeStore("sqlite store", async () => {
  // In memory where there is such a place: the cases write much, and ask nothing of the disk.
  const directory = await mkdtemp(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "partwise-sqlite-"));
  const file = join(directory, "journals.db");
  const clock = fakeClock();
  const stores: CheckpointStore[] = [];
  const harm = (sql: string, ...values: string[]) => {
    const db = new sqlite.Database(file);
    const found = db.all(sql, values);
    db.close();
    return found as { text: string }[];
  };
  return {
    async open() {
      const store = sqliteStore(file, { clock, patience: 100 });
      stores.push(store);
      return store;
    },
    pass: (ms) => clock.advance(ms),
    async forget() {
      for (const table of ["entries", "leases", "sqlite_sequence"]) harm(`DELETE FROM ${table}`);
    },
    async tearTail(id) {
      const last = "SELECT MAX(seq) FROM entries WHERE id = ?";
      harm(`UPDATE entries SET text = '{"torn' WHERE seq = (${last})`, id);
    },
    async spoil(id) {
      harm("UPDATE entries SET text = 'somebody else''s' WHERE id = ?", id);
    },
    readAside: async (place) =>
      harm("SELECT text FROM asides WHERE place = ?", place).map(({ text }) => JSON.parse(text) as unknown),
    // The way this build of SQLite locks a file: as if another process had it for good.
    async outage() {
      await mkdir(`${file}.lock`);
      return () => rmdir(`${file}.lock`);
    },
    async close() {
      for (const store of stores) await store.close();
      await rm(directory, { recursive: true });
    },
  };
});
