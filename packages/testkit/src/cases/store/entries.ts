import type { JsonValue } from "@partwise/core/contract";
import { ensure, equal } from "../check.js";
import { brief, hook, journalOf, long, outlive, type StoreCase } from "./subject.js";

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

/** Cases about entries: what is appended is what is read. */
export const entryCases: readonly StoreCase[] = [
  {
    name: "a journal that nobody wrote to is empty",
    prevents: "a first run that fails, or takes an absent journal for a damaged one",
    async run(subject) {
      const journal = await journalOf(subject);
      const page = await journal.read();
      equal(page.entries, [], "entries");
      equal(page.fromStart, false, "fromStart");
      equal((await journal.read(page.position)).entries, [], "entries after the position of nothing");
      equal(await journal.leases(""), [], "leases");
    },
  },
  {
    name: "entries are read in the order of their appending, through any handle",
    prevents: "a fold over events in the wrong order",
    async run(subject) {
      const journal = await journalOf(subject);
      const lease = await journal.lease("transfer", long);
      await journal.append([1, 2], lease);
      await journal.append([], lease);
      for (const each of [3, 4, 5]) await journal.append([each], lease);
      equal((await journal.read()).entries, [1, 2, 3, 4, 5], "entries");
      equal((await (await journalOf(subject)).read()).entries, [1, 2, 3, 4, 5], "entries elsewhere");
    },
  },
  {
    name: "ordered entries of one lease stand after what another lease's holder had appended before",
    prevents: "sealing that seems to come before the last receipt, when each writer has a file of its own",
    async run(subject) {
      const [one, other] = [await journalOf(subject), await journalOf(subject)];
      const first = await one.lease("transfer", long);
      const second = await other.lease("member/b", long);
      for (const each of numbers(0, 5)) {
        await one.append([each * 2], first);
        await other.append([each * 2 + 1], second);
      }
      equal((await one.read()).entries, numbers(0, 10), "entries");
    },
  },
  {
    name: "a later holder's ordered entries stand after all of an earlier holder's",
    prevents: "an old epoch that seems to follow the new one",
    async run(subject) {
      const [one, other] = [await journalOf(subject), await journalOf(subject)];
      const lease = await one.lease("transfer", brief);
      await one.append(["old"], lease);
      await one.append(["old, unordered"], lease, { ordered: false });
      await outlive(subject, brief);
      await other.append(["new"], await other.lease("transfer", long));
      equal((await other.read()).entries.at(-1), "new", "last entry");
    },
  },
  {
    name: "reading on from a position gives each later entry once",
    prevents: "a follower that folds receipts twice, or misses one",
    async run(subject) {
      const [writer, reader] = [await journalOf(subject), await journalOf(subject)];
      const lease = await writer.lease("transfer", long);
      let { position } = await reader.read();
      const seen: JsonValue[] = [];
      for (const round of numbers(0, 6)) {
        await writer.append(numbers(round * 3, round * 3 + 3), lease);
        const page = await reader.read(JSON.parse(JSON.stringify(position)) as string);
        equal(page.fromStart, false, "fromStart");
        seen.push(...page.entries);
        position = page.position;
      }
      equal(seen, numbers(0, 18), "entries, read bit by bit");
      equal((await reader.read(position)).entries, [], "entries after the last");
    },
  },
  {
    name: "unordered appends of several leases all arrive, also for a reader that follows",
    prevents: "receipts lost between writers that gather several into one write",
    async run(subject) {
      const members = await Promise.all(
        numbers(0, 4).map(async (member) => {
          const journal = await journalOf(subject);
          return { member, journal, lease: await journal.lease(`member/${member}`, long) };
        }),
      );
      const reader = await journalOf(subject);
      const seen: JsonValue[] = [];
      let { position } = await reader.read();
      const readOn = async () => {
        const page = await reader.read(position);
        equal(page.fromStart, false, "fromStart");
        seen.push(...page.entries);
        position = page.position;
      };
      for (const round of numbers(0, 5)) {
        const writes = members.flatMap(({ member, journal, lease }) =>
          numbers(0, 5).map((each) =>
            journal.append([member * 100 + round * 5 + each], lease, { ordered: false }),
          ),
        );
        await readOn();
        await Promise.all(writes);
      }
      await readOn();
      const expected = members.flatMap(({ member }) => numbers(member * 100, member * 100 + 25));
      const ascending = (entries: readonly JsonValue[]) => [...entries].sort((a, b) => Number(a) - Number(b));
      equal(ascending(seen), expected, "entries followed");
      equal(ascending((await reader.read()).entries), expected, "entries");
    },
  },
  {
    name: "appends made at once through one lease keep everything",
    prevents: "parallel parts overwriting each other's receipts",
    async run(subject) {
      const journal = await journalOf(subject);
      const lease = await journal.lease("transfer", long);
      await Promise.all(
        numbers(0, 100).map((each) => journal.append([each], lease, { ordered: each % 10 === 0 })),
      );
      const { entries } = await (await journalOf(subject)).read();
      equal(
        [...entries].sort((a, b) => Number(a) - Number(b)),
        numbers(0, 100),
        "entries",
      );
    },
  },
  {
    name: "10,000 receipts are read within five seconds",
    prevents: "a journal read or written anew for every receipt: quadratic for the ordinary case",
    async run(subject) {
      const journal = await journalOf(subject);
      const lease = await journal.lease("transfer", long);
      const receipt = (number: number) => ({
        type: "stored",
        receipt: { number, size: 102_400, tag: `T${number}`.padEnd(32, "0") },
      });
      for (const batch of numbers(0, 50)) {
        const batched = numbers(batch * 200, batch * 200 + 200).map(receipt);
        await journal.append(batched, lease, { ordered: false });
      }
      const reader = await journalOf(subject);
      const before = performance.now();
      const { entries } = await reader.read();
      const took = performance.now() - before;
      equal(entries.length, 10_000, "number of entries");
      ensure(took < 5_000, `reading took ${Math.round(took)} ms`);
    },
  },
  {
    name: "entries are opaque JSON",
    prevents:
      "a script or a parser that changes what it carries: empty lists, long numbers, names like __proto__",
    async run(subject) {
      const journal = await journalOf(subject);
      const lease = await journal.lease("transfer", long);
      const odd = [
        '{"__proto__":{"polluted":true},"constructor":{"prototype":1},"toString":"mine"}',
        '{"list":[],"object":{},"nested":[[],[{}],[[[null]]]]}',
        '["\\u0000","\\n\\r\\u2028","漢字🙂","\\ud800","\\"\\\\"]',
        `[${Number.MAX_SAFE_INTEGER},-1,0.1,1e-7,1.7976931348623157e308,1e21]`,
        "null",
        "true",
        '""',
        JSON.stringify("x".repeat(65_536)),
      ];
      const entries = odd.map((text) => JSON.parse(text) as JsonValue);
      await journal.append(entries, lease);
      equal((await (await journalOf(subject)).read()).entries, entries, "entries");
      ensure(!("polluted" in {}), "an entry changed the prototype of all objects");
    },
  },
  {
    name: "what was appended is there after closing, and the lease too",
    prevents: "the last batch lost on a clean exit; a lease freed while its holder still sends",
    async run(subject) {
      const journal = await journalOf(subject);
      const lease = await journal.lease("transfer", long);
      const append = journal.append(["last"], lease, { ordered: false });
      await journal[Symbol.asyncDispose]();
      await append;
      const other = await journalOf(subject);
      equal((await other.read()).entries, ["last"], "entries");
      equal((await other.leases("")).length, 1, "number of leases");
    },
  },
  {
    name: "journals are apart",
    prevents: "one transfer's receipts in another's journal",
    async run(subject) {
      const ids = ["a", "A", "a-b", "a_b", "b".repeat(128)];
      const journals = await Promise.all(ids.map((id) => journalOf(subject, id)));
      for (const [index, journal] of journals.entries()) {
        equal(journal.id, ids[index], "id");
        await journal.append([index], await journal.lease("transfer", long));
      }
      for (const [index, journal] of journals.entries()) {
        equal((await journal.read()).entries, [index], `entries of ${ids[index]}`);
      }
    },
  },
  {
    name: "a torn last record is passed over, and what comes after it is kept",
    prevents: "one crash in the middle of a write spoiling the journal, or every later receipt",
    needs: hook("tearTail"),
    async run(subject) {
      const journal = await journalOf(subject);
      const lease = await journal.lease("transfer", brief);
      await journal.append([1], lease);
      await journal.append([2], lease);
      await journal[Symbol.asyncDispose]();
      await subject.tearTail?.(journal.id);
      const next = await journalOf(subject);
      equal((await next.read()).entries, [1], "entries after the crash");
      await outlive(subject, brief);
      const { position } = await next.read();
      await next.append([3], await next.lease("transfer", long));
      equal((await next.read(position)).entries, [3], "entries read on");
      equal((await (await journalOf(subject)).read()).entries, [1, 3], "entries in the end");
    },
  },
];
