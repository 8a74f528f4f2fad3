import { type Range, rangeSize, type StoredObject, type Transport } from "@partwise/core/contract";
import { accept, note, wholeSeconds } from "./desk.js";
import { orAborted, readBody } from "./read-body.js";
import { alreadyExists, lacks, noSuchObject, refuse } from "./refusals.js";
import { type ModelObject, type ModelRemote, makeObject } from "./state.js";

/** The verbs about whole objects. */
export function objectVerbs(remote: ModelRemote): Pick<Transport, "putObject" | "findObject" | "readRange"> {
  return {
    async putObject({ key, body, options = {} }, call) {
      const answer = accept(remote, "putObject", call);
      if (body.size > remote.limits.putObject) {
        throw refuse(
          "rejected",
          400,
          "EntityTooLarge",
          `${key} has ${body.size} bytes, too many for one put.`,
        );
      }
      const bytes = await readBody(body, call.signal, (taken) => {
        remote.received += taken;
      });
      if (options.ifAbsent === true && remote.objects.has(key)) throw alreadyExists(key);
      const object = makeObject({ key, bytes, modifiedAt: wholeSeconds(remote), options });
      remote.objects.set(key, object);
      note(remote, { verb: "putObject", key, size: bytes.length, tag: object.tag });
      return { ...answer, ...answerOf(remote, object), ...calledBack(options) };
    },

    async findObject({ key, versionId }, call) {
      const answer = accept(remote, "findObject", call);
      if (versionId !== undefined) throw lacks("versions");
      const object = remote.objects.get(key);
      if (object === undefined) return undefined;
      return { ...answer, ...answerOf(remote, object), modifiedAt: object.modifiedAt };
    },

    async readRange({ key, range, tag, versionId }, call) {
      const answer = accept(remote, "readRange", call);
      if (!remote.abilities.readRange) throw lacks("ranged reads");
      if (versionId !== undefined) throw lacks("versions");
      const object = sourceObject(remote, key, range, tag);
      const wanted = range ?? { start: 0, end: object.bytes.length };
      const bytes = object.bytes.slice(wanted.start, wanted.end);
      const { size, checksum } = answerOf(remote, object);
      return {
        ...answer,
        range: wanted,
        size,
        tag: object.tag,
        ...(checksum && { checksum }),
        body: inChunks(bytes, call.signal),
      };
    },
  };
}

/** An object to read from, with the range inside it. */
export function sourceObject(
  remote: ModelRemote,
  key: string,
  range: Range | undefined,
  tag: string | undefined,
): ModelObject {
  const object = remote.objects.get(key);
  if (object === undefined) throw noSuchObject(key);
  if (tag !== undefined && tag !== object.tag) {
    throw refuse("object-changed", 412, "PreconditionFailed", `${key} is no longer the object ${tag}.`);
  }
  if (range !== undefined && (rangeSize(range) < 1 || range.end > object.bytes.length)) {
    throw refuse(
      "rejected",
      416,
      "InvalidRange",
      `Bytes ${range.start} to ${range.end} are not in ${key}, which has ${object.bytes.length}.`,
    );
  }
  return object;
}

/** An object as answers to writing describe it. */
export function answerOf(remote: ModelRemote, object: ModelObject): StoredObject {
  const reports = remote.abilities.objectChecksums.includes(object.checksum.kind);
  return {
    key: object.key,
    size: object.bytes.length,
    tag: object.tag,
    ...(reports && { checksum: object.checksum }),
  };
}

/** The model calls nobody; it says that the call went well. */
export function calledBack(options: { readonly callback?: unknown }): Pick<StoredObject, "callback"> {
  return options.callback === undefined ? {} : { callback: { ok: true, answer: '{"Status":"OK"}' } };
}

async function* inChunks(bytes: Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const chunk = 64 * 1024;
  for (let at = 0; at < bytes.length; at += chunk) {
    yield await orAborted(Promise.resolve(bytes.slice(at, at + chunk)), signal);
  }
}
