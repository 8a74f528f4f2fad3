import type { CheckpointStore } from "@partwise/core/contract";
import { ensure, equal, gather, refused } from "../check.js";
import { brief, hook, journalOf, long, outlive, pass, type StoreCase } from "./subject.js";

async function write(store: CheckpointStore, id: string): Promise<void> {
  const journal = await store.open(id);
  const lease = await journal.lease("transfer", long);
  await journal.append([id], lease);
  await lease.release();
  await journal[Symbol.asyncDispose]();
}

const idsOf = async (store: CheckpointStore) => (await gather(store.list())).map(({ id }) => id).sort();

/** Cases about replacing, setting aside, dropping, listing and pruning. */
export const upkeepCases: readonly StoreCase[] = [
  {
    name: "replacing puts new entries in the place of all, and a follower is told to start anew",
    prevents: "a follower that adds the replacement to what it replaced",
    async run(subject) {
      const [writer, reader] = [await journalOf(subject), await journalOf(subject)];
      const lease = await writer.lease("transfer", long);
      await writer.append([1, 2, 3], lease);
      const { position } = await reader.read();
      await writer.replace(["a", "b"], lease);
      const page = await reader.read(position);
      equal([page.fromStart, page.entries], [true, ["a", "b"]], "fromStart and entries");
      await writer.append(["c"], lease);
      const next = await reader.read(page.position);
      equal([next.fromStart, next.entries], [false, ["c"]], "fromStart and entries, read on");
      equal((await reader.read()).entries, ["a", "b", "c"], "entries");
    },
  },
  {
    name: "a reader sees all of a replacement or nothing of it",
    prevents: "a journal that is neither the old nor the new one",
    async run(subject) {
      const [writer, reader] = [await journalOf(subject), await journalOf(subject)];
      const lease = await writer.lease("transfer", long);
      const sheet = (name: string) => Array.from({ length: 40 }, () => name);
      await writer.append(sheet("0"), lease);
      for (let round = 1; round <= 5; round++) {
        const replace = writer.replace(sheet(String(round)), lease);
        const { entries } = await reader.read();
        equal(entries, sheet(String(entries[0])), "entries while being replaced");
        await replace;
        equal((await reader.read()).entries, sheet(String(round)), "entries when replaced");
      }
    },
  },
  {
    name: "unordered appends on their way survive a replacement by the same holder, or stand in it",
    prevents: "a gathered receipt that turns up in the old journal after the new one was written",
    async run(subject) {
      const journal = await journalOf(subject);
      const lease = await journal.lease("transfer", long);
      const late = journal.append(["receipt"], lease, { ordered: false });
      const replaced = journal.replace(["new"], lease);
      await Promise.all([late, replaced]);
      await journal.append(["end"], lease);
      const { entries } = await (await journalOf(subject)).read();
      ensure(
        entries.length <= 3 && entries.includes("new") && entries.at(-1) === "end",
        `entries are ${JSON.stringify(entries)}`,
      );
    },
  },
  {
    name: "what is set aside is hidden, and the journal can be written anew",
    prevents: "a damaged journal that stops every run, or that is lost",
    async run(subject) {
      const journal = await journalOf(subject);
      const lease = await journal.lease("transfer", long);
      await journal.append(["old"], lease);
      const { position } = await journal.read();
      const place = await journal.setAside(lease);
      ensure(place.length > 0, "the place has no name");
      equal((await journal.read()).entries, [], "entries");
      await journal.append(["new"], lease);
      const page = await journal.read(position);
      equal([page.fromStart, page.entries], [true, ["new"]], "fromStart and entries, read on");
      const other = await journal.setAside(lease);
      ensure(other !== place, "a second setting aside has the place of the first");
    },
  },
  {
    name: "what was set aside is still there",
    prevents: "a bug report without its evidence",
    needs: hook("readAside"),
    async run(subject) {
      const journal = await journalOf(subject);
      const lease = await journal.lease("transfer", long);
      await journal.append(["old", { it: 1 }], lease);
      const place = await journal.setAside(lease);
      equal(await subject.readAside?.(place), ["old", { it: 1 }], "entries set aside");
    },
  },
  {
    name: "a journal that is none is reported, and can be set aside",
    prevents: "damage taken for absence: a second upload begun in silence, or a crash at every start",
    needs: hook("spoil"),
    async run(subject) {
      const first = await journalOf(subject);
      const before = await first.lease("transfer", brief);
      await first.append(["old"], before);
      await first[Symbol.asyncDispose]();
      await subject.spoil?.(first.id);
      await outlive(subject, brief);
      const journal = await journalOf(subject);
      const error = await refused(() => journal.read(), "checkpoint-unreadable", "reading");
      equal((error.details as { id?: string }).id, first.id, "id in the error");
      const lease = await journal.lease("transfer", long);
      await journal.setAside(lease);
      await journal.append(["new"], lease);
      equal((await journal.read()).entries, ["new"], "entries");
    },
  },
  {
    name: "a dropped journal is empty and not listed, and its leases are gone",
    prevents: "a finished transfer that comes back",
    async run(subject) {
      const store = await subject.open();
      const journal = await store.open("journal");
      const lease = await journal.lease("transfer", long);
      await journal.lease("member/a", long);
      await journal.append([1], lease);
      const { position } = await journal.read();
      await journal.drop(lease);
      equal((await journal.read()).entries, [], "entries");
      equal(await journal.leases(""), [], "leases");
      equal(await idsOf(store), [], "journals listed");
      const other = await journalOf(subject);
      await other.append([2], await other.lease("transfer", long));
      equal((await other.read(position)).entries, [2], "entries written anew, read on");
    },
  },
  {
    name: "journals with entries are listed, each once, with the time of their last change",
    prevents: "a sweep that misses a journal and aborts its session",
    async run(subject) {
      const store = await subject.open();
      equal(await idsOf(store), [], "journals of an empty store");
      for (const id of ["c", "a", "b"]) await write(store, id);
      await (await store.open("only-opened")).read();
      equal(await idsOf(await subject.open()), ["a", "b", "c"], "journals");
      const timeOf = async () => (await gather(store.list())).find(({ id }) => id === "a")?.updatedAt ?? 0;
      const before = await timeOf();
      await pass(subject, 50);
      await write(store, "a");
      ensure((await timeOf()) > before, "updatedAt did not move with an append");
    },
  },
  {
    name: "journals that stay are listed once, whatever comes and goes meanwhile",
    prevents: "a listing that skips or repeats while other transfers begin and end",
    async run(subject) {
      const [store, other] = [await subject.open(), await subject.open()];
      const stay = Array.from({ length: 20 }, (_, index) => `stay-${String(index).padStart(2, "0")}`);
      for (const id of stay) await write(store, id);
      const seen: string[] = [];
      for await (const { id } of store.list()) {
        seen.push(id);
        if (seen.length > 100) break;
        const guest = `guest-${seen.length}`;
        await write(other, guest);
        if (seen.length % 2 === 0) continue;
        const journal = await other.open(guest);
        await journal.drop(await journal.lease("transfer", long));
      }
      equal(seen.filter((id) => id.startsWith("stay-")).sort(), stay, "journals that stayed");
    },
  },
  {
    name: "pruning removes what is old, and spares what is held or young",
    prevents: "the journal of a running or a paused transfer thrown away",
    async run(subject) {
      const store = await subject.open();
      await write(store, "old");
      await write(store, "held");
      const held = await store.open("held");
      await held.lease("member/a", long);
      await pass(subject, 2_000);
      await write(store, "young");
      equal([...(await store.prune({ olderThan: 1_000 }))], ["old"], "pruned");
      equal(await idsOf(store), ["held", "young"], "journals left");
      equal((await (await store.open("old")).read()).entries, [], "entries of a pruned journal");
      equal((await held.read()).entries, ["held"], "entries of a spared journal");
      equal([...(await store.prune({ olderThan: 3_600_000 }))], [], "pruned by an hour");
    },
  },
  {
    name: "an id that could walk out of its place is refused",
    prevents: "a journal written to a path or a key of somebody else's choosing",
    async run(subject) {
      const store = await subject.open();
      for (const id of [
        "",
        ".",
        "..",
        "../a",
        "a/b",
        "a\\b",
        "a b",
        "a{b}",
        "a:b",
        "ä",
        "a\0",
        "x".repeat(129),
      ]) {
        await refused(() => store.open(id), "invalid-options", `opening ${JSON.stringify(id)}`);
      }
    },
  },
  {
    name: "a store that is away says so, and goes on when it is back",
    prevents: "an outage taken for an empty journal or a lost lease",
    needs: hook("outage"),
    async run(subject) {
      const journal = await journalOf(subject);
      const lease = await journal.lease("transfer", long);
      await journal.append([1], lease);
      const mend = await subject.outage?.();
      await refused(() => journal.read(), "store-unavailable", "reading");
      await refused(() => journal.append([2], lease), "store-unavailable", "appending");
      await refused(() => lease.renew(), "store-unavailable", "renewing");
      await mend?.();
      await lease.renew();
      await journal.append([3], lease);
      const { entries } = await journal.read();
      equal([entries[0], entries.at(-1)], [1, 3], "first and last entry");
    },
  },
];
