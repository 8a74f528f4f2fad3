import { isTransferError, type TransferErrorCode } from "@partwise/core/contract";
import { CaseFailure, ensure, equal, refused, soon, thrown } from "../check.js";
import { bodyOf, randomBytes, textBytes } from "./bodies.js";
import { begin, checkFreed, checkObject, partsOf } from "./steps.js";
import { calmly, fault, type TransportCase, type TransportSubject } from "./subject.js";

/** Everything that an error could show to a person or a log. */
function everythingIn(error: unknown, depth = 0): string {
  if (depth > 8 || typeof error !== "object" || error === null) return String(error);
  const members = Object.getOwnPropertyNames(error).map((name) => {
    const value = (error as Record<string, unknown>)[name];
    return `${name}: ${typeof value === "object" ? everythingIn(value, depth + 1) : String(value)}`;
  });
  return `${String(error)}\n${members.join("\n")}`;
}

/** Cases that need the remote to fail. */
export const failingCases: readonly TransportCase[] = [
  {
    name: "a lost answer leaves the outcome unknown, and the work done",
    prevents: "a completed upload reported as failed, or begun anew",
    needs: fault("loseAnswer"),
    async run(subject) {
      const { transport, key, session, put } = await begin(subject, "lost");
      const lost = async (verb: Parameters<Lose>[0], call: () => Promise<unknown>) => {
        await subject.faults?.loseAnswer?.(verb);
        const error = await soon(thrown(call, `${verb}: the answer came`), verb);
        if (!isTransferError(error)) throw new CaseFailure(`${verb} failed with ${String(error)}`);
        equal([error.outcome, error.retryable, error.group], ["unknown", true, "remote-passing"], verb);
      };
      const body = bodyOf(textBytes("object"));
      await lost("putObject", () => transport.putObject({ key, body }, calmly()));
      await checkObject(transport, key, textBytes("object"));
      await lost("openSession", () => transport.openSession({ key: subject.key("lost-2") }, calmly()));
      const part = bodyOf(textBytes("part"));
      await lost("putPart", () => transport.putPart({ session, number: 1, body: part }, calmly()));
      await checkFreed(part, "the call");
      if (transport.abilities.listParts) equal((await partsOf(transport, session)).length, 1, "parts listed");
      const parts = [await put(1, textBytes("part"))];
      await lost("completeSession", () => transport.completeSession({ session, parts }, calmly()));
      await checkObject(transport, key, textBytes("part"));
      const { session: other } = await transport.openSession({ key }, calmly());
      await lost("abortSession", () => transport.abortSession({ session: other }, calmly()));
      if (transport.abilities.listParts) {
        await refused(() => partsOf(transport, other), "session-gone", "listing the aborted session");
      }
    },
  },
  {
    name: "a connection that ends in the middle of a body is a passing error, and the part can be sent again",
    prevents: "a reset that ends the whole transfer; a reader left open by each reset",
    needs: fault("resetMidBody"),
    async run(subject) {
      const { transport, session, put } = await begin(subject, "reset");
      const bytes = randomBytes(1024 * 1024, 3);
      const body = bodyOf(bytes);
      await subject.faults?.resetMidBody?.();
      const send = () => transport.putPart({ session, number: 1, body }, calmly());
      const error = await soon(refused(send, [], "the part"), "the broken part");
      equal([error.group, error.retryable], ["remote-passing", true], "group and retryable");
      await checkFreed(body, "the call");
      if (transport.abilities.listParts) equal(await partsOf(transport, session), [], "parts listed");
      await put(1, bytes);
    },
  },
  passing("beUnavailable", "unavailable", "an answer that the remote cannot just now is passing"),
  passing("expireCredentials", "credentials-expired", "expired credentials are told apart from denied ones"),
  passing("skewClock", "clock-skewed", "a clock that is wrong is told apart from wrong credentials"),
  {
    ...passing("throttle", "rate-limited", "a remote that is asked too often says how long to wait"),
    async run(subject) {
      const error = await provoke(subject, "throttle", "rate-limited");
      const { retryAfter } = error.details as { retryAfter?: number };
      equal(retryAfter, 2_000, "retryAfter in milliseconds");
    },
  },
  {
    name: "a remote that answers nothing does not keep a call that is aborted",
    prevents: "a stalled socket that outlives the watchdog",
    needs: fault("stall"),
    async run(subject) {
      const { transport, session, put } = await begin(subject, "stalled");
      await subject.faults?.stall?.();
      const stop = new AbortController();
      const reason = new Error("watchdog");
      const body = bodyOf(textBytes("part"));
      const send = () => transport.putPart({ session, number: 1, body }, { signal: stop.signal });
      const work = thrown(send, "the part was answered");
      await soon(Promise.race([body.reached, work]), "the body's end");
      stop.abort(reason);
      const error = await soon(work, "the aborted call's end");
      ensure(error === reason, `it ended with ${String(error)}, not with the signal's reason`);
      await soon(put(1, textBytes("part")), "a part afterwards");
    },
  },
  {
    name: "no error holds a secret",
    prevents: "keys and signatures in bug reports and logs",
    needs: (subject) => (subject.secrets?.length ? undefined : "the subject names no secrets"),
    async run(subject) {
      const { transport, key, session, put } = await begin(subject, "secrets");
      const receipt = await put(1, textBytes("part"));
      const gone = { key, id: `${session.id.slice(0, -4)}ZZZZ` };
      const body = bodyOf(textBytes("part"));
      const faults = subject.faults ?? {};
      const putPart = () => transport.putPart({ session, number: 1, body }, calmly());
      const failures: (() => Promise<unknown>)[] = [
        () => transport.completeSession({ session, parts: [{ ...receipt, tag: "0" }] }, calmly()),
        () => transport.putPart({ session: gone, number: 1, body }, calmly()),
        () => transport.putPart({ session, number: 2, body: bodyOf(textBytes("x"), { size: 9 }) }, calmly()),
        async () => transport.prepare({ key: "" }),
      ];
      const add = (make: (() => Promise<void>) | undefined) => {
        if (make !== undefined) failures.push(() => make().then(putPart));
      };
      const lose = faults.loseAnswer;
      add(lose && (() => lose.call(faults, "putPart")));
      add(faults.resetMidBody?.bind(faults));
      add(faults.beUnavailable?.bind(faults));
      add(faults.expireCredentials?.bind(faults));
      add(faults.skewClock?.bind(faults));
      for (const failure of failures) {
        const text = everythingIn(await soon(thrown(failure, "it succeeded"), "the failure"));
        const found = subject.secrets?.findIndex((secret) => text.includes(secret)) ?? -1;
        ensure(
          found === -1,
          `secret ${found + 1} of the subject's list is in an error: ${text.slice(0, 80)}…`,
        );
      }
    },
  },
];

type Lose = NonNullable<NonNullable<TransportSubject["faults"]>["loseAnswer"]>;
type Answering = "beUnavailable" | "throttle" | "expireCredentials" | "skewClock";

async function provoke(subject: TransportSubject, name: Answering, code: TransferErrorCode) {
  const { transport, session, put } = await begin(subject, name);
  const body = bodyOf(textBytes("part"));
  await subject.faults?.[name]?.();
  const send = () => transport.putPart({ session, number: 1, body }, calmly());
  const error = await soon(refused(send, code, "the part"), "the failing part");
  equal([error.outcome, error.retryable], ["not-applied", true], "outcome and retryable");
  await checkFreed(body, "the call");
  await put(1, textBytes("part"));
  return error;
}

function passing(name: Answering, code: TransferErrorCode, what: string): TransportCase {
  return {
    name: what,
    prevents: "a transfer that gives up over what a moment or a refresh would mend",
    needs: fault(name),
    async run(subject) {
      await provoke(subject, name, code);
    },
  };
}
