import { isTransferError, TransferError } from "@partwise/core/contract";
import { ensure, equal, refused } from "../check.js";
import { bodyOf, randomBytes, textBytes } from "./bodies.js";
import { begin, bytesOf, checkAbsent, checkObject, checkSum } from "./steps.js";
import { ability, calmly, type TransportCase } from "./subject.js";

/** Keys that any object storage takes, and that clients have got wrong. */
const commonKeys = ["plain.bin", "a b  c", "a+b&c=d", "100%/%2F%20", "ü漢字🙂", "?q=1#x;y", `'"<>`, "(a)!*~"];
/** Keys that a remote may refuse, but loudly. */
const oddKeys = ["a//b/", "a/../b", "./c", "control\u0001\u001f", "new\nline", "back\\slash", "."];

/** Cases about whole objects. */
export const objectCases: readonly TransportCase[] = [
  {
    name: "an object that was put is found and read as it is",
    prevents: "a client that sends, or reads, other bytes than it was given",
    async run(subject) {
      const transport = await subject.transport();
      const key = subject.key("put");
      const bytes = randomBytes(300_001);
      await checkAbsent(transport, key);
      const put = await transport.putObject({ key, body: bodyOf(bytes) }, calmly());
      equal([put.key, put.size], [key, bytes.length], "key and size in the answer");
      checkSum(transport.abilities.objectChecksums, put.checksum, bytes, "checksum in the answer");
      await checkObject(transport, key, bytes);
      const found = await transport.findObject({ key }, calmly());
      equal(found?.tag, put.tag, "tag found");
      ensure(put.tag.length > 0 && !put.tag.includes('"'), `the tag is ${put.tag}`);
    },
  },
  {
    name: "putting again replaces the object",
    prevents: "an answer from a cache",
    async run(subject) {
      const transport = await subject.transport();
      const key = subject.key("replaced");
      const first = await transport.putObject({ key, body: bodyOf(textBytes("first")) }, calmly());
      const second = await transport.putObject({ key, body: bodyOf(textBytes("second")) }, calmly());
      ensure(first.tag !== second.tag, "two contents have one tag");
      await checkObject(transport, key, textBytes("second"));
    },
  },
  {
    name: "an empty object is an object",
    prevents: "a request without a length, or an empty answer taken for absence",
    async run(subject) {
      const transport = await subject.transport();
      const key = subject.key("empty");
      const put = await transport.putObject({ key, body: bodyOf(new Uint8Array(0)) }, calmly());
      equal(put.size, 0, "size in the answer");
      await checkObject(transport, key, new Uint8Array(0));
    },
  },
  {
    name: "keys arrive letter by letter, for objects and for sessions",
    prevents: "two encodings of one key: spaces, plus signs, percent signs, dots that a URL swallows",
    async run(subject) {
      const transport = await subject.transport();
      const taken: string[] = [];
      for (const [index, name] of [...commonKeys, ...oddKeys].entries()) {
        const key = subject.key(name);
        try {
          transport.prepare({ key });
        } catch (error) {
          if (oddKeys.includes(name) && isTransferError(error, "invalid-options")) continue;
          throw error;
        }
        taken.push(key);
        const bytes = textBytes(`content ${index}`);
        await transport.putObject({ key, body: bodyOf(bytes) }, calmly());
      }
      for (const [index, key] of taken.entries()) {
        const found = await transport.findObject({ key }, calmly());
        ensure(found !== undefined, `${JSON.stringify(key)} is not there`);
        equal(found.key, key, "key found");
        const { session } = await transport.openSession({ key }, calmly());
        equal(session.key, key, "key of the session");
        const body = bodyOf(textBytes(`part ${index}`));
        const { receipt } = await transport.putPart({ session, number: 1, body }, calmly());
        const done = await transport.completeSession({ session, parts: [receipt] }, calmly());
        equal(done.key, key, "key in the answer to complete");
      }
      for (const [index, key] of taken.entries()) {
        await checkObject(transport, key, textBytes(`part ${index}`));
      }
    },
  },
  {
    name: "what is not there is undefined to find, and not-found to read",
    prevents: "absence taken for a failure, and tried again for a quarter of an hour",
    async run(subject) {
      const transport = await subject.transport();
      const key = subject.key("absent");
      await checkAbsent(transport, key);
      if (transport.abilities.readRange) await refused(() => bytesOf(transport, key), "not-found", "reading");
    },
  },
  {
    name: "ifAbsent refuses to replace an object that is put",
    prevents: "an object overwritten against the caller's word",
    needs: ability("conditionalCommit"),
    async run(subject) {
      const transport = await subject.transport();
      const key = subject.key("if-absent");
      const options = { ifAbsent: true };
      await transport.putObject({ key, body: bodyOf(textBytes("first")), options }, calmly());
      const again = () => transport.putObject({ key, body: bodyOf(textBytes("second")), options }, calmly());
      const error = await refused(again, "already-exists", "putting again");
      equal(error.outcome, "not-applied", "outcome");
      await checkObject(transport, key, textBytes("first"));
    },
  },
  {
    name: "ifAbsent refuses at the moment of completing, though nothing was there when the session began",
    prevents: "a check at the beginning that another writer overtakes",
    needs: ability("conditionalCommit"),
    async run(subject) {
      const { transport, key, session, put } = await begin(subject, "if-absent-complete");
      const parts = [await put(1, textBytes("mine"))];
      await transport.putObject({ key, body: bodyOf(textBytes("theirs")) }, calmly());
      const complete = () =>
        transport.completeSession({ session, parts, options: { ifAbsent: true } }, calmly());
      await refused(complete, "already-exists", "completing");
      await checkObject(transport, key, textBytes("theirs"));
      await transport.abortSession({ session }, calmly());
    },
  },
  {
    name: "an object's time is the remote's, of when it was made",
    prevents: "an older object with the same bytes taken for the one just completed",
    async run(subject) {
      const transport = await subject.transport();
      const key = subject.key("time");
      const put = await transport.putObject({ key, body: bodyOf(textBytes("now")) }, calmly());
      const found = await transport.findObject({ key }, calmly());
      ensure(found?.modifiedAt !== undefined, "no modifiedAt");
      ensure(put.remoteTime !== undefined, "no remoteTime in the answer to put");
      const apart = Math.abs(found.modifiedAt - put.remoteTime);
      ensure(apart <= 5_000, `modifiedAt is ${apart} ms away from the remote's time of the put`);
    },
  },
  {
    name: "answers carry the provider's request id, and its time",
    prevents: "a support case without a request to name; a skewed clock that cannot be told",
    async run(subject) {
      const { transport, key, session, put } = await begin(subject, "answers");
      const body = bodyOf(textBytes("object"));
      const other = subject.key("answers-2");
      const complete = async () => {
        const parts = [await put(1, textBytes("part"))];
        return transport.completeSession({ session, parts }, calmly());
      };
      const answers = {
        putObject: await transport.putObject({ key: other, body }, calmly()),
        openSession: await transport.openSession({ key: other }, calmly()),
        putPart: await transport.putPart({ session, number: 1, body }, calmly()),
        completeSession: await complete(),
        findObject: await transport.findObject({ key }, calmly()),
      };
      const aborted = await transport.abortSession({ session: answers.openSession.session }, calmly());
      const ids = new Set<string>();
      for (const [verb, answer] of Object.entries({ ...answers, abortSession: aborted })) {
        ensure(answer?.requestId !== undefined && answer.requestId.length > 0, `${verb}: no requestId`);
        ensure(answer.remoteTime !== undefined, `${verb}: no remoteTime`);
        ids.add(answer.requestId);
      }
      equal(ids.size, 6, "number of different request ids");
      const late = () => transport.putPart({ session, number: 1, body }, calmly());
      const refusal = await refused(late, "session-gone", "a part after completing");
      ensure((refusal.requestId ?? "").length > 0, "the refusal carries no requestId");
    },
  },
  {
    name: "the error for a body is the source's, not the remote's",
    prevents: "a local disk error sent again as if the network were to blame",
    async run(subject) {
      const transport = await subject.transport();
      const key = subject.key("unreadable");
      const cause = new TransferError("source-unreadable", "the disk is gone");
      const body = {
        ...bodyOf(new Uint8Array(50_000)),
        size: 50_000,
        async *open() {
          yield new Uint8Array(10_000);
          throw cause;
        },
      };
      const put = () => transport.putObject({ key, body }, calmly());
      await refused(put, "source-unreadable", "putting an unreadable body");
      await checkAbsent(transport, key);
    },
  },
];
