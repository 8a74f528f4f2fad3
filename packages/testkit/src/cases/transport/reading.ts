import { ensure, equal, equalBytes, refused, soon, thrown } from "../check.js";
import { bodyOf, randomBytes } from "./bodies.js";
import { checkSum, collect } from "./steps.js";
import { ability, calmly, type TransportCase, type TransportSubject } from "./subject.js";

async function stored(subject: TransportSubject, name: string, size: number) {
  const transport = await subject.transport();
  const key = subject.key(name);
  const bytes = randomBytes(size, 9);
  const { tag } = await transport.putObject({ key, body: bodyOf(bytes) }, calmly());
  return { transport, key, bytes, tag };
}

/** Cases about reading objects. */
export const readingCases: readonly TransportCase[] = [
  {
    name: "a range is read to the byte",
    prevents: "an end that is one too far: ranges here are half open, HTTP's are not",
    needs: ability("readRange"),
    async run(subject) {
      const { transport, key, bytes, tag } = await stored(subject, "ranges", 100_000);
      const ranges = [
        [0, 1],
        [0, 100_000],
        [99_999, 100_000],
        [1, 2],
        [4_095, 70_001],
      ] as const;
      for (const [start, end] of ranges) {
        const answer = await transport.readRange({ key, range: { start, end }, tag }, calmly());
        const what = `bytes ${start} to ${end}`;
        equal(answer.range, { start, end }, `range of ${what}`);
        equal([answer.size, answer.tag], [bytes.length, tag], `size and tag with ${what}`);
        equalBytes(await collect(answer.body), bytes.slice(start, end), what);
        if (answer.checksum !== undefined) {
          checkSum(transport.abilities.objectChecksums, answer.checksum, bytes, `checksum with ${what}`);
        }
      }
    },
  },
  {
    name: "without a range the whole object is read",
    prevents: "a download that needs to know the size first",
    needs: ability("readRange"),
    async run(subject) {
      const { transport, key, bytes, tag } = await stored(subject, "whole", 100_000);
      const answer = await transport.readRange({ key }, calmly());
      equal(
        [answer.range, answer.size, answer.tag],
        [{ start: 0, end: bytes.length }, bytes.length, tag],
        "range, size and tag",
      );
      equalBytes(await collect(answer.body), bytes, "bytes");
    },
  },
  {
    name: "a range that is not in the object is refused",
    prevents:
      "a remote that answers an impossible range with the whole object, and a client that believes it",
    needs: ability("readRange"),
    async run(subject) {
      const { transport, key } = await stored(subject, "past-the-end", 1_000);
      for (const range of [
        { start: 1_000, end: 1_001 },
        { start: 999, end: 1_001 },
        { start: 0, end: 5_000 },
      ]) {
        const read = async () => collect((await transport.readRange({ key, range }, calmly())).body);
        await refused(read, [], `bytes ${range.start} to ${range.end} of 1000`);
      }
    },
  },
  {
    name: "an object with another tag is not read",
    prevents: "a download put together from two versions",
    needs: ability("readRange"),
    async run(subject) {
      const { transport, key, tag } = await stored(subject, "versions", 1_000);
      await transport.putObject({ key, body: bodyOf(randomBytes(1_000, 10)) }, calmly());
      const range = { start: 0, end: 10 };
      const read = () => transport.readRange({ key, range, tag }, calmly());
      await refused(read, "object-changed", "reading by an old tag");
    },
  },
  {
    name: "an abort ends a read in the middle",
    prevents: "a paused download whose sockets go on",
    needs: ability("readRange"),
    async run(subject) {
      const { transport, key } = await stored(subject, "read-abort", 4 * 1024 * 1024);
      const stop = new AbortController();
      const reason = new Error("enough");
      const { body } = await transport.readRange({ key }, { signal: stop.signal });
      let read = 0;
      const all = async () => {
        for await (const chunk of body) {
          read += chunk.length;
          stop.abort(reason);
        }
      };
      const error = await soon(thrown(all, "an aborted read came to its end"), "the aborted read's end");
      ensure(error === reason, `it ended with ${String(error)}, not with the signal's reason`);
      ensure(read > 0, "nothing was read before");
    },
  },
  {
    name: "a read that is given up leaves the transport usable",
    prevents: "a connection that is never given back, until there are none",
    needs: ability("readRange"),
    async run(subject) {
      const { transport, key, bytes } = await stored(subject, "read-break", 1024 * 1024);
      for (let round = 0; round < 10; round++) {
        const { body } = await transport.readRange({ key }, calmly());
        for await (const _ of body) break;
      }
      const { body } = await soon(transport.readRange({ key }, calmly()), "reading once more");
      equalBytes(await soon(collect(body), "the whole body"), bytes, "bytes");
    },
  },
];
