import type { ListedJournal } from "@partwise/core/contract";
import { catalogKey, entriesPattern, journalKeys } from "./keys.js";
import {
  describeJournal,
  isInCatalog,
  noteInCatalog,
  pruneJournal,
  removeFromCatalog,
} from "./scripts/upkeep.js";
import { list, type Server, text } from "./server.js";

/** Milliseconds after which the catalog is compared with the keys themselves again. */
const compareEvery = 3_600_000;

/** A member that is no id: while it is there, the catalog was compared not long ago. */
const compared = ":compared";

/** Milliseconds that a noted id stays beyond the journal's own ttl. */
const longer = 600_000;

interface Noted {
  readonly id: string;
  readonly score: string;
}

/**
 * The ids of a namespace. Its key has another slot than the journals, so no script writes both: it is noted after the
 * first append, now and then later, and made anew from the keys themselves, so that what is lost of it comes back.
 */
export class Catalog {
  private readonly key: string;

  constructor(private readonly server: Server) {
    this.key = catalogKey(server.settings.namespace);
  }

  /** Notes that a journal has entries. Says whether that worked: if not, a later append notes it. */
  async note(id: string): Promise<boolean> {
    try {
      await this.add([id]);
      return true;
    } catch {
      return false;
    }
  }

  async *journals(): AsyncGenerator<ListedJournal> {
    for await (const page of this.pages()) {
      const found = await Promise.all(page.map(({ id }) => this.describe(id)));
      const gone = page.filter((_, index) => found[index] === undefined);
      if (gone.length > 0) await this.remove(gone);
      for (const each of found) if (each !== undefined) yield each;
    }
  }

  async prune(olderThan: number): Promise<string[]> {
    const pruned: string[] = [];
    for await (const page of this.pages()) {
      const answers = await Promise.all(
        page.map(({ id }) => this.server.run(pruneJournal, this.keysOf(id), [String(olderThan)], id)),
      );
      const removed = page.filter((_, index) => Number(text(answers[index])) === 1);
      await this.remove(removed);
      pruned.push(...removed.map(({ id }) => id));
    }
    return pruned;
  }

  /** Every noted id once, some at a time. */
  private async *pages(): AsyncGenerator<readonly Noted[]> {
    await this.compare();
    const seen = new Set<string>([compared]);
    let cursor = "0";
    do {
      const reply = list(await this.server.read(this.key, ["ZSCAN", this.key, cursor, "COUNT", "200"]));
      cursor = text(reply[0]);
      const flat = list(reply[1]).map(text);
      const page: Noted[] = [];
      for (let i = 0; i + 1 < flat.length; i += 2) {
        const [id = "", score = ""] = [flat[i], flat[i + 1]];
        if (!seen.has(id)) page.push({ id, score });
        seen.add(id);
      }
      // Small sets come as a whole, whatever COUNT says.
      for (let i = 0; i < page.length; i += 200) yield page.slice(i, i + 200);
    } while (cursor !== "0");
  }

  /** Adds what the keys themselves show, if that was not done for a while or the catalog is gone. */
  private async compare(): Promise<void> {
    if (Number(text(await this.server.run(isInCatalog, [this.key], [compared]))) === 1) return;
    for await (const { node, keyPrefix } of this.server.eachPrimary()) {
      const { glob, idOf } = entriesPattern(this.server.settings.namespace, keyPrefix);
      let cursor = "0";
      do {
        const found = list(await node.send(["SCAN", cursor, "MATCH", glob, "COUNT", "1000"]));
        cursor = text(found[0]);
        const ids = list(found[1]).map((key) => idOf(text(key)));
        if (ids.length > 0) await this.add(ids);
      } while (cursor !== "0");
    }
    await this.server.run(noteInCatalog, [this.key], [String(compareEvery), compared]);
  }

  private async describe(id: string): Promise<ListedJournal | undefined> {
    const reply = list(await this.server.run(describeJournal, this.keysOf(id), [], id));
    if (Number(text(reply[0])) === 0) return undefined;
    return { id, updatedAt: Number(text(reply[1])) };
  }

  private async add(ids: readonly string[]): Promise<void> {
    await this.server.run(noteInCatalog, [this.key], [String(this.server.settings.ttl + longer), ...ids]);
  }

  private async remove(noted: readonly Noted[]): Promise<void> {
    if (noted.length === 0) return;
    const args = noted.flatMap(({ id, score }) => [id, score]);
    await this.server.run(removeFromCatalog, [this.key], args);
  }

  private keysOf(id: string): [string, string] {
    const { entries, state } = journalKeys(this.server.settings.namespace, id);
    return [entries, state];
  }
}
