import type { Receipt, Session, Transport } from "@partwise/core/contract";
import { accept, note, wholeSeconds } from "./desk.js";
import { listings } from "./listings.js";
import { answerOf, calledBack, sourceObject } from "./object-verbs.js";
import { readBody } from "./read-body.js";
import { alreadyExists, lacks, refuse, sessionGone } from "./refusals.js";
import {
  concat,
  isThere,
  type ModelPart,
  type ModelRemote,
  type ModelSession,
  makeObject,
  makePart,
  tagOf,
} from "./state.js";

type SessionVerbs = Pick<
  Transport,
  "openSession" | "putPart" | "copyPart" | "completeSession" | "abortSession" | "listParts" | "listSessions"
>;

/** The verbs about sessions. */
export function sessionVerbs(remote: ModelRemote): SessionVerbs {
  const withChecksum = remote.abilities.partChecksums.includes("crc64ecma");

  return {
    ...listings(remote),

    async openSession({ key, options = {} }, call) {
      const answer = accept(remote, "openSession", call);
      if (options.ifAbsent === true && remote.objects.has(key)) throw alreadyExists(key);
      const id = `session-${remote.sessions.size + 1}`;
      const openedAt = wholeSeconds(remote);
      remote.sessions.set(id, { key, id, openedAt, options, parts: new Map(), state: "open" });
      note(remote, { verb: "openSession", key, session: id });
      return { ...answer, session: { key, id } };
    },

    async putPart({ session, number, body }, call) {
      const answer = accept(remote, "putPart", call);
      const open = openSession(remote, session);
      checkPart(remote, number, body.size);
      const bytes = await readBody(body, call.signal, (taken) => {
        remote.received += taken;
      });
      const part = makePart(number, bytes, withChecksum);
      land(open, part);
      note(remote, { verb: "putPart", key: open.key, session: open.id, ...factsOf(part.receipt) });
      return { ...answer, receipt: part.receipt };
    },

    async copyPart({ session, number, from }, call) {
      const answer = accept(remote, "copyPart", call);
      if (!remote.abilities.copyPart) throw lacks("copying of parts");
      if (from.bucket !== undefined) throw lacks("other buckets");
      if (from.versionId !== undefined) throw lacks("versions");
      const open = openSession(remote, session);
      const source = sourceObject(remote, from.key, from.range, from.tag);
      checkPart(remote, number, from.range.end - from.range.start);
      const part = makePart(number, source.bytes.slice(from.range.start, from.range.end), withChecksum);
      land(open, part);
      note(remote, { verb: "copyPart", key: open.key, session: open.id, ...factsOf(part.receipt) });
      return { ...answer, receipt: part.receipt };
    },

    async completeSession({ session, parts, options = {} }, call) {
      const answer = accept(remote, "completeSession", call);
      const open = openSession(remote, session);
      const chosen = choose(remote, open, parts);
      const absent = options.ifAbsent === true && remote.abilities.conditionalCommit;
      if (absent && remote.objects.has(open.key)) throw alreadyExists(open.key);
      const modifiedAt = remote.abilities.modifiedAt === "opened" ? open.openedAt : wholeSeconds(remote);
      const tags = chosen.map((part) => part.receipt.tag).join("");
      const object = makeObject({
        key: open.key,
        bytes: concat(chosen.map((part) => part.bytes)),
        modifiedAt,
        options: open.options,
        tag: `${tagOf(new TextEncoder().encode(tags))}-${chosen.length}`,
      });
      remote.objects.set(open.key, object);
      open.state = "completed";
      open.parts.clear();
      const { key, id } = open;
      note(remote, { verb: "completeSession", key, session: id, size: object.bytes.length, tag: object.tag });
      return { ...answer, ...answerOf(remote, object), ...calledBack(options) };
    },

    async abortSession({ session }, call) {
      const answer = accept(remote, "abortSession", call);
      const found = remote.sessions.get(session.id);
      if (found !== undefined && found.key === session.key && isThere(found)) {
        found.state = "aborted";
        found.parts.clear();
        note(remote, { verb: "abortSession", key: found.key, session: found.id });
      }
      return answer;
    },
  };
}

function openSession(remote: ModelRemote, { key, id }: Session): ModelSession {
  const found = remote.sessions.get(id);
  if (found === undefined || found.key !== key || found.state !== "open") throw sessionGone(key, id);
  return found;
}

/** A part that was in flight when its session was aborted may still land; after completing it is lost. */
function land(session: ModelSession, part: ModelPart): void {
  if (session.state === "completed") throw sessionGone(session.key, session.id);
  session.parts.set(part.receipt.number, part);
}

function checkPart(remote: ModelRemote, number: number, size: number): void {
  const { limits } = remote;
  if (!Number.isInteger(number) || number < 1 || number > limits.parts) {
    throw refuse("rejected", 400, "InvalidArgument", `Part number ${number} is not in 1…${limits.parts}.`);
  }
  if (size > limits.partSize.max) {
    throw refuse(
      "rejected",
      400,
      "EntityTooLarge",
      `Part ${number} has ${size} bytes, too many for one part.`,
    );
  }
}

/** The parts that a list names, if the remote accepts the list. */
function choose(remote: ModelRemote, session: ModelSession, list: readonly Receipt[]): ModelPart[] {
  if (list.length === 0) throw refuse("rejected", 400, "MalformedXML", "The list names no part.");
  if (list.some(({ number }, index) => index > 0 && number <= (list[index - 1] as Receipt).number)) {
    throw refuse("rejected", 400, "InvalidPartOrder", "The list's numbers do not ascend.");
  }
  const chosen = list.map(({ number, tag }) => {
    const part = session.parts.get(number);
    if (part === undefined || part.receipt.tag !== tag) {
      throw refuse("part-refused", 400, "InvalidPart", `Part ${number} is not there with tag ${tag}.`, {
        number,
      });
    }
    return part;
  });
  const first = (chosen[0] as ModelPart).receipt.size;
  for (const { receipt } of chosen.slice(0, -1)) {
    const { number, size } = receipt;
    if (size < remote.limits.partSize.min) {
      throw refuse("rejected", 400, "EntityTooSmall", `Part ${number} has only ${size} bytes.`, { number });
    }
    if (remote.abilities.equalParts && size !== first) {
      throw refuse("rejected", 400, "InvalidPart", `Part ${number} is not as large as the first.`, {
        number,
      });
    }
  }
  return chosen;
}

function factsOf({ number, size, tag }: Receipt): { number: number; size: number; tag: string } {
  return { number, size, tag };
}
