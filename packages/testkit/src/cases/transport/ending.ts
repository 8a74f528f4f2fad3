import type { CallOptions, Transport } from "@partwise/core/contract";
import { ensure, equal, gather, soon, thrown } from "../check.js";
import { bodyOf, randomBytes, textBytes } from "./bodies.js";
import { begin, checkAbsent, checkFreed, checkObject, partsOf } from "./steps.js";
import { calmly, type TransportCase } from "./subject.js";

/** Cases about aborting. */
export const endingCases: readonly TransportCase[] = [
  {
    name: "a call whose signal was aborted before does nothing",
    prevents: "requests that leave after the user has cancelled",
    async run(subject) {
      const { transport, key, session, put } = await begin(subject, "aborted-before");
      const parts = [await put(1, textBytes("kept"))];
      const reason = new Error("cancelled before");
      const call: CallOptions = { signal: AbortSignal.abort(reason) };
      const body = bodyOf(textBytes("never sent"));
      const calls: Record<string, () => Promise<unknown>> = {
        putObject: () => transport.putObject({ key, body }, call),
        openSession: () => transport.openSession({ key }, call),
        putPart: () => transport.putPart({ session, number: 1, body }, call),
        completeSession: () => transport.completeSession({ session, parts }, call),
        abortSession: () => transport.abortSession({ session }, call),
        findObject: () => transport.findObject({ key }, call),
      };
      if (transport.abilities.listParts)
        calls.listParts = () => gather(transport.listParts({ session }, call));
      if (transport.abilities.listSessions)
        calls.listSessions = () => gather(transport.listSessions({}, call));
      if (transport.abilities.readRange) calls.readRange = () => transport.readRange({ key }, call);
      for (const [verb, each] of Object.entries(calls)) {
        const error = await soon(thrown(each, `${verb} succeeded`), verb);
        ensure(error === reason, `${verb} ended with ${String(error)}, not with the signal's reason`);
      }
      await checkFreed(body, "the refused calls");
      await checkAbsent(transport, key);
      if (transport.abilities.listParts) equal(await partsOf(transport, session), parts, "parts listed");
      await transport.completeSession({ session, parts }, calmly());
      await checkObject(transport, key, textBytes("kept"));
    },
  },
  {
    name: "an abort while the body is sent ends the call soon and frees the reader",
    prevents: "a cancelled upload that hangs on a source, or leaves its file open",
    async run(subject) {
      const { transport, key, session } = await begin(subject, "aborted-within");
      const sends: Record<string, (body: ReturnType<typeof bodyOf>, call: CallOptions) => Promise<unknown>> =
        {
          putObject: (body, call) => transport.putObject({ key, body }, call),
          putPart: (body, call) => transport.putPart({ session, number: 1, body }, call),
        };
      for (const [verb, send] of Object.entries(sends)) {
        const stop = new AbortController();
        const reason = new Error(`cancelled within ${verb}`);
        const body = bodyOf(randomBytes(200_000), { stallAfter: 100_000 });
        const work = thrown(() => send(body, { signal: stop.signal }), `${verb} succeeded`);
        await soon(Promise.race([body.reached, work]), `the middle of ${verb}`);
        stop.abort(reason);
        const error = await soon(work, `${verb}'s end`);
        ensure(error === reason, `${verb} ended with ${String(error)}, not with the signal's reason`);
        await checkFreed(body, verb);
      }
      await checkAbsent(transport, key);
      if (transport.abilities.listParts) equal(await partsOf(transport, session), [], "parts listed");
    },
  },
  {
    name: "after aborts the transport goes on as before",
    prevents: "one cancelled part that spoils the connections of the others",
    async run(subject) {
      const { transport, key, session, put } = await begin(subject, "after-aborts");
      const stop = new AbortController();
      const stalled = [1, 2, 3, 4].map((number) => {
        const body = bodyOf(randomBytes(200_000), { stallAfter: 100_000 });
        const call = { signal: stop.signal };
        const send = () => transport.putPart({ session, number, body }, call);
        return { body, work: thrown(send, `part ${number} was stored`) };
      });
      const middle = Promise.all(stalled.map(({ body, work }) => Promise.race([body.reached, work])));
      await soon(middle, "the middle of four parts");
      stop.abort(new Error("all at once"));
      await soon(Promise.all(stalled.map(({ work }) => work)), "the end of four parts");
      const parts = [await soon(put(1, textBytes("after all")), "a part afterwards")];
      await transport.completeSession({ session, parts }, calmly());
      await checkObject(transport, key, textBytes("after all"));
    },
  },
  {
    name: "closing lets calls under way end, and may be repeated",
    prevents: "a last answer cut off on the way out",
    async run(subject) {
      const { transport, session } = await begin(subject, "closing");
      const bytes = randomBytes(300_000);
      const last = transport.putPart({ session, number: 1, body: bodyOf(bytes) }, calmly());
      await Promise.all([soon(close(transport), "closing"), soon(last, "the last part")]);
      equal((await last).receipt.size, bytes.length, "size of the last part");
    },
  },
];

async function close(transport: Transport): Promise<void> {
  await transport.close();
  await transport.close();
}
