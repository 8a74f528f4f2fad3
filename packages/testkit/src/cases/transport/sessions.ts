import type { Receipt, Session, Transport } from "@partwise/core/contract";
import { concat } from "../../model/state.js";
import { ensure, equal, gather, isOneOf, refused } from "../check.js";
import { bodyOf, randomBytes, textBytes } from "./bodies.js";
import { begin, checkAbsent, checkFreed, checkObject, checkSum, partsOf } from "./steps.js";
import { ability, calmly, type TransportCase } from "./subject.js";

/** Fails unless the session is gone for every verb that needs it. */
async function checkGone(transport: Transport, session: Session, parts: readonly Receipt[]): Promise<void> {
  const body = bodyOf(textBytes("late"));
  const late = () => transport.putPart({ session, number: 2, body }, calmly());
  await refused(late, "session-gone", "a late part");
  await checkFreed(body, "the call");
  await refused(
    () => transport.completeSession({ session, parts }, calmly()),
    "session-gone",
    "completing a session that is gone",
  );
  if (transport.abilities.listParts) {
    await refused(() => partsOf(transport, session), "session-gone", "listing the parts of one that is gone");
  }
}

/** Cases about the beginning and the end of sessions. */
export const sessionCases: readonly TransportCase[] = [
  {
    name: "completing answers with the object's size, tag and checksum",
    prevents: "a success that is not known to be one",
    async run(subject) {
      const { transport, key, session, put } = await begin(subject, "completed");
      const { min } = transport.limits.partSize;
      const bytes = [randomBytes(min, 1), randomBytes(min >> 1, 2)] as const;
      const parts = [await put(1, bytes[0]), await put(2, bytes[1])];
      const done = await transport.completeSession({ session, parts }, calmly());
      const whole = concat(bytes);
      equal([done.key, done.size], [key, whole.length], "key and size in the answer");
      checkSum(transport.abilities.objectChecksums, done.checksum, whole, "checksum in the answer");
      ensure(done.tag.length > 0 && !done.tag.includes('"'), `tag in the answer: ${done.tag}`);
      equal((await transport.findObject({ key }, calmly()))?.tag, done.tag, "tag found");
      await checkObject(transport, key, whole);
    },
  },
  {
    name: "a completed session is gone",
    prevents: "a second completing that seems to be a failure, or makes another object",
    async run(subject) {
      const { transport, key, session, put } = await begin(subject, "twice");
      const parts = [await put(1, textBytes("once"))];
      await transport.completeSession({ session, parts }, calmly());
      await checkGone(transport, session, parts);
      await checkObject(transport, key, textBytes("once"));
    },
  },
  {
    name: "an aborted session is gone, and aborting again is quiet",
    prevents: "leftovers that are paid for; an error where all is as it was wanted",
    async run(subject) {
      const { transport, key, session, put } = await begin(subject, "aborted");
      const parts = [await put(1, textBytes("in vain"))];
      await transport.abortSession({ session }, calmly());
      await transport.abortSession({ session }, calmly());
      await checkGone(transport, session, parts);
      await checkAbsent(transport, key);
    },
  },
  {
    name: "aborting a completed session leaves its object",
    prevents: "a late clean-up that takes the result with it",
    async run(subject) {
      const { transport, key, session, put } = await begin(subject, "late-abort");
      const parts = [await put(1, textBytes("done"))];
      await transport.completeSession({ session, parts }, calmly());
      await transport.abortSession({ session }, calmly());
      await checkObject(transport, key, textBytes("done"));
    },
  },
  {
    name: "a session that never was is gone",
    prevents: "a mistyped or foreign session that is tried again for ever",
    async run(subject) {
      const { transport, session } = await begin(subject, "never");
      const never = { key: session.key, id: `${session.id.slice(0, -4)}ZZZZ` };
      await checkGone(transport, never, [{ number: 1, size: 1, tag: "0".repeat(32) }]);
      await transport.abortSession({ session: never }, calmly());
    },
  },
  {
    name: "two sessions on one key are apart",
    prevents: "an old epoch's parts in the new epoch's object",
    async run(subject) {
      const { transport, key, session, put } = await begin(subject, "two");
      const { session: other } = await transport.openSession({ key }, calmly());
      ensure(other.id !== session.id, "opening again gave the same session");
      await put(1, textBytes("first session"));
      const body = bodyOf(textBytes("second session"));
      const { receipt } = await transport.putPart({ session: other, number: 1, body }, calmly());
      await transport.completeSession({ session: other, parts: [receipt] }, calmly());
      await checkObject(transport, key, textBytes("second session"));
      if (transport.abilities.listParts) equal((await partsOf(transport, session)).length, 1, "parts left");
      await transport.abortSession({ session }, calmly());
    },
  },
  {
    name: "a part that is not there, or has another tag, is refused",
    prevents: "an object with a part of another content, or without it",
    async run(subject) {
      const { transport, key, session, put } = await begin(subject, "refused");
      const { min } = transport.limits.partSize;
      const first = await put(1, randomBytes(min, 1));
      const old = await put(2, textBytes("old"));
      const last = await put(2, textBytes("new"));
      const complete = (parts: readonly Receipt[]) => () =>
        transport.completeSession({ session, parts }, calmly());
      await refused(complete([first, old]), "part-refused", "a tag of a replaced part");
      await refused(complete([first, { ...last, number: 3 }]), "part-refused", "a part that is not there");
      await checkAbsent(transport, key);
      await complete([first, last])();
      await checkObject(transport, key, concat([randomBytes(min, 1), textBytes("new")]));
    },
  },
  {
    name: "completing takes the list it is given, never all there is",
    prevents: "a part of an old plan in the new object",
    async run(subject) {
      const { transport, key, session, put } = await begin(subject, "list");
      const { min } = transport.limits.partSize;
      const first = await put(1, randomBytes(min, 1));
      await put(2, randomBytes(min, 2));
      const third = await put(3, textBytes("third"));
      try {
        await transport.completeSession({ session, parts: [first, third] }, calmly());
      } catch (error) {
        ensure(isOneOf(error, "rejected", "part-refused"), `a list with a hole: ${String(error)}`);
        await checkAbsent(transport, key);
        return;
      }
      await checkObject(transport, key, concat([randomBytes(min, 1), textBytes("third")]));
    },
  },
  {
    name: "a part below the least size is refused unless it is the last",
    prevents: "a plan that fails only when everything has been sent, and then without saying why",
    async needs(subject) {
      const { min } = (await subject.transport()).limits.partSize;
      return min > 1 ? undefined : "the transport takes parts of any size";
    },
    async run(subject) {
      const { transport, key, session, put } = await begin(subject, "small");
      const small = randomBytes(transport.limits.partSize.min - 1);
      const parts = [await put(1, small), await put(2, textBytes("last"))];
      const complete = () => transport.completeSession({ session, parts }, calmly());
      const error = await refused(complete, "rejected", "completing with a small part");
      equal([error.outcome, error.retryable], ["not-applied", false], "outcome and retryable");
      await checkAbsent(transport, key);
    },
  },
  {
    name: "open sessions are listed by the beginning of their keys, the ended ones not",
    prevents: "a sweep that aborts what it should not, or misses what it should",
    needs: ability("listSessions"),
    async run(subject) {
      const transport = await subject.transport();
      const key = subject.key("listed");
      const open = async (name: string) => (await transport.openSession({ key: name }, calmly())).session;
      const kept = [await open(`${key}/ü b+%`), await open(`${key}/x`), await open(`${key}/x`)];
      const aborted = await open(`${key}/y`);
      await open(subject.key("other"));
      await transport.abortSession({ session: aborted }, calmly());
      const list = async () => {
        const pages = await gather(transport.listSessions({ prefix: `${key}/` }, calmly()));
        return pages.flatMap((page) => page.sessions);
      };
      const found = await list();
      const names = (sessions: readonly Session[]) => sessions.map(({ key, id }) => `${key} ${id}`).sort();
      equal(names(found), names(kept), "sessions listed");
      for (const { openedAt } of found) ensure(openedAt > 0, `openedAt is ${openedAt}`);
      for (const session of kept) await transport.abortSession({ session }, calmly());
      equal(await list(), [], "sessions listed in the end");
    },
  },
  {
    name: "sessions are listed to the last page",
    prevents: "orphans beyond the first page that nobody ever sees",
    async needs(subject) {
      if ((subject.pageSize ?? 1_000) > 50) return "the subject's pages hold more than 50 sessions";
      return ability("listSessions")(subject);
    },
    async run(subject) {
      const transport = await subject.transport();
      const prefix = subject.key("many/");
      const count = (subject.pageSize ?? 50) * 2 + 1;
      const ids: string[] = [];
      for (let index = 0; index < count; index++) {
        // Few keys with several sessions each: a page may end between two sessions of one key.
        const { session } = await transport.openSession({ key: `${prefix}${index % 3}` }, calmly());
        ids.push(session.id);
      }
      const pages = await gather(transport.listSessions({ prefix }, calmly()));
      const found = pages.flatMap(({ sessions }) => sessions.map(({ id }) => id));
      equal(found.sort(), ids.sort(), "ids listed");
    },
  },
];
