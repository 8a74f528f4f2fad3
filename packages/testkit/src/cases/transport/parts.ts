import { concat } from "../../model/state.js";
import { ensure, equal, refused } from "../check.js";
import { bodyOf, randomBytes, textBytes } from "./bodies.js";
import { begin, checkAbsent, checkFreed, checkObject, checkReceipt, partsOf } from "./steps.js";
import { ability, calmly, type TransportCase } from "./subject.js";

/** Cases about sending and listing parts. */
export const partCases: readonly TransportCase[] = [
  {
    name: "parts in any order make the object in the order of their numbers",
    prevents: "an object put together by time of arrival",
    async run(subject) {
      const { transport, key, session, put } = await begin(subject, "parts");
      const { min } = transport.limits.partSize;
      const bytes = [randomBytes(min, 1), randomBytes(min + 1, 2), randomBytes(7, 3)] as const;
      const third = await put(3, bytes[2]);
      const first = await put(1, bytes[0]);
      const second = await put(2, bytes[1]);
      if (transport.abilities.listParts) {
        equal(await partsOf(transport, session), [first, second, third], "parts listed");
      }
      await checkAbsent(transport, key);
      await transport.completeSession({ session, parts: [first, second, third] }, calmly());
      await checkObject(transport, key, concat(bytes));
    },
  },
  {
    name: "a part sent again replaces the one before",
    prevents: "a damaged part that cannot be mended, or is listed beside its successor",
    async run(subject) {
      const { transport, key, session, put } = await begin(subject, "replaced-part");
      await put(1, textBytes("damaged"));
      const receipt = await put(1, textBytes("as meant"));
      if (transport.abilities.listParts) equal(await partsOf(transport, session), [receipt], "parts listed");
      await transport.completeSession({ session, parts: [receipt] }, calmly());
      await checkObject(transport, key, textBytes("as meant"));
    },
  },
  {
    name: "a body may be opened again for another attempt, and is read once for each",
    prevents: "a consumed stream sent again as nothing; a body read twice to find its checksum first",
    async run(subject) {
      const { transport, session } = await begin(subject, "again");
      const bytes = randomBytes(50_000);
      const body = bodyOf(bytes);
      for (let attempt = 1; attempt <= 3; attempt++) {
        const { receipt } = await transport.putPart({ session, number: 1, body }, calmly());
        checkReceipt(transport, receipt, 1, bytes);
        equal(body.opened, attempt, `times the body was opened for ${attempt} attempts`);
      }
      await checkFreed(body, "the call");
    },
  },
  {
    name: "a chunk is used before the next but one is asked for",
    prevents: "buffers sent after their reader filled them anew: damage under load only",
    async run(subject) {
      const { transport, session } = await begin(subject, "ring");
      const bytes = randomBytes(2 * 1024 * 1024 + 13, 5);
      const work = [1, 2, 3, 4].map(async (number) => {
        const body = bodyOf(bytes, { chunk: 64 * 1024 - number });
        const { receipt } = await transport.putPart({ session, number, body }, calmly());
        checkReceipt(transport, receipt, number, bytes);
        return receipt.tag;
      });
      equal(new Set(await Promise.all(work)).size, 1, "different tags of the same bytes");
    },
  },
  {
    name: "a body that ends too early stores nothing",
    prevents: "a part that is short without anybody knowing",
    async run(subject) {
      const { transport, key, session } = await begin(subject, "short");
      const body = () => bodyOf(randomBytes(40_000), { size: 50_000 });
      const part = () => transport.putPart({ session, number: 1, body: body() }, calmly());
      await refused(part, ["source-changed", "source-unreadable"], "a short part");
      const object = () => transport.putObject({ key, body: body() }, calmly());
      await refused(object, ["source-changed", "source-unreadable"], "a short object");
      await checkAbsent(transport, key);
      if (transport.abilities.listParts) equal(await partsOf(transport, session), [], "parts listed");
    },
  },
  {
    name: "a body that goes on too long stores nothing",
    prevents: "a growing file cut off in the middle and taken for whole",
    async run(subject) {
      const { transport, key, session } = await begin(subject, "overlong");
      const body = bodyOf(randomBytes(60_000), { size: 50_000 });
      const part = () => transport.putPart({ session, number: 1, body }, calmly());
      await refused(part, ["source-changed", "source-unreadable"], "an overlong part");
      const object = () => transport.putObject({ key, body }, calmly());
      await refused(object, ["source-changed", "source-unreadable"], "an overlong object");
      await checkFreed(body, "the call");
      await checkAbsent(transport, key);
      if (transport.abilities.listParts) equal(await partsOf(transport, session), [], "parts listed");
    },
  },
  {
    name: "a session without parts lists none",
    prevents: "an empty list read as one part, or as no session",
    needs: ability("listParts"),
    async run(subject) {
      const { transport, session } = await begin(subject, "no-parts");
      equal(await partsOf(transport, session), [], "parts listed");
    },
  },
  {
    name: "a session with one part lists one",
    prevents: "a parser that makes of one element no list",
    needs: ability("listParts"),
    async run(subject) {
      const { transport, session, put } = await begin(subject, "one-part");
      const receipt = await put(7, textBytes("seven"));
      equal(await partsOf(transport, session), [receipt], "parts listed");
    },
  },
  {
    name: "parts are listed to the last page, and from any number on",
    prevents: "parts beyond the first page sent again, or taken for missing",
    needs: ability("listParts"),
    async run(subject) {
      const { transport, session, put } = await begin(subject, "pages");
      const count = Math.min((subject.pageSize ?? 1_000) * 2 + 1, 2_001, transport.limits.parts);
      const numbers = Array.from({ length: count }, (_, index) => index + 1);
      const waiting = [...numbers];
      const worker = async () => {
        for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
          await put(number, textBytes(`part ${number}`));
        }
      };
      await Promise.all([worker(), worker(), worker(), worker()]);
      const numbersAfter = async (after?: number) =>
        (await partsOf(transport, session, after)).map(({ number }) => number);
      equal(await numbersAfter(), numbers, "numbers listed");
      const middle = count >> 1;
      equal(await numbersAfter(middle), numbers.slice(middle), `numbers listed after ${middle}`);
      equal(await numbersAfter(count), [], "numbers listed after the last");
    },
  },
  {
    name: "bytes of an object become a part",
    prevents: "a copy of the wrong range, off by one at its end",
    needs: ability("copyPart"),
    async run(subject) {
      const { transport, key, session, put } = await begin(subject, "copied");
      const { min } = transport.limits.partSize;
      const bytes = randomBytes(min * 2 + 100, 6);
      const from = subject.key("copy source +%?");
      const source = await transport.putObject({ key: from, body: bodyOf(bytes) }, calmly());
      const range = { start: 50, end: min + 50 };
      const copied = bytes.slice(range.start, range.end);
      const copy = (tag: string) =>
        transport.copyPart({ session, number: 1, from: { key: from, tag, range } }, calmly());
      const { receipt } = await copy(source.tag);
      equal(receipt.number, 1, "number of the receipt");
      if (receipt.checksum !== undefined) checkReceipt(transport, receipt, 1, copied);
      const last = await put(2, textBytes("sent"));
      await refused(
        () => copy(`${source.tag}0`),
        "object-changed",
        "copying from an object with another tag",
      );
      const absent = { key: subject.key("no copy source"), range };
      await refused(
        () => transport.copyPart({ session, number: 1, from: absent }, calmly()),
        "not-found",
        "copying from nothing",
      );
      await transport.completeSession({ session, parts: [receipt, last] }, calmly());
      await checkObject(transport, key, concat([copied, textBytes("sent")]));
    },
  },
  {
    name: "what a transport declares not to have, it refuses loudly",
    prevents: "an option ignored in silence",
    async needs(subject) {
      const { abilities } = await subject.transport();
      const { listParts, copyPart, listSessions, readRange } = abilities;
      const all = listParts && copyPart && listSessions && readRange;
      return all ? "the transport declares all of these verbs" : undefined;
    },
    async run(subject) {
      const { transport, key, session } = await begin(subject, "unsupported");
      const from = { key, range: { start: 0, end: 1 } };
      const verbs = {
        listParts: () => partsOf(transport, session),
        copyPart: () => transport.copyPart({ session, number: 1, from }, calmly()),
        listSessions: async () => {
          for await (const _ of transport.listSessions({}, calmly())) break;
        },
        readRange: () => transport.readRange({ key }, calmly()),
      };
      for (const [name, call] of Object.entries(verbs)) {
        if (transport.abilities[name as keyof typeof verbs]) continue;
        const error = await refused(call, "unsupported", name);
        ensure(!error.retryable, `${name}: the refusal claims that trying again helps`);
      }
    },
  },
];
