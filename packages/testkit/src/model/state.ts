import type {
  Checksum,
  Clock,
  ObjectOptions,
  Receipt,
  Transport,
  TransportAbilities,
  TransportLimits,
} from "@partwise/core/contract";
import { crc64 } from "./crc64.js";

/** An object as the remote holds it. */
export interface ModelObject {
  readonly key: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly tag: string;
  readonly checksum: Checksum;
  /** Whole seconds, in milliseconds since 1970, by the remote's clock. */
  readonly modifiedAt: number;
  /** Options that the session was opened with, or the object put with. */
  readonly options: ObjectOptions;
}

/** A part as the remote holds it. */
export interface ModelPart {
  readonly receipt: Receipt;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A session. It stays in the remote's memory after its end, so that a test can ask what became of it. */
export interface ModelSession {
  readonly key: string;
  readonly id: string;
  readonly openedAt: number;
  readonly options: ObjectOptions;
  /** By number. An aborted session holds those that were in flight and landed afterwards. */
  readonly parts: Map<number, ModelPart>;
  state: "open" | "completed" | "aborted";
}

/** One thing that the remote did, whether or not its answer arrived. */
export interface Applied {
  readonly verb: "putObject" | "openSession" | "putPart" | "copyPart" | "completeSession" | "abortSession";
  readonly key: string;
  readonly session?: string;
  readonly number?: number;
  readonly size?: number;
  readonly tag?: string;
  /** Milliseconds since 1970, by the remote's clock. */
  readonly at: number;
}

/** Object storage in memory: what survives the processes that talk to it. */
export interface ModelRemote {
  readonly clock: Clock;
  readonly id: string;
  readonly limits: TransportLimits;
  readonly abilities: TransportAbilities;
  readonly pageSize: number;
  /** By key. */
  readonly objects: Map<string, ModelObject>;
  /** By id; finished ones too. */
  readonly sessions: Map<string, ModelSession>;
  /** Everything the remote did, in order. */
  readonly applied: Applied[];
  /** Requests by verb, refused ones too; each page of a listing is one. */
  readonly requests: Map<string, number>;
  /** Bytes of bodies taken, those of broken requests too. */
  received: number;
  /** A connection of one process life. */
  transport(): Transport;
  /** How often a part was stored, over all processes. */
  writesOf(session: string, number: number): number;
  /** Sessions that still cost money: open, or aborted with parts that landed later. */
  leftovers(): readonly ModelSession[];
}

/** Whether the remote still answers for this session. */
export function isThere(session: ModelSession): boolean {
  return session.state === "open" || (session.state === "aborted" && session.parts.size > 0);
}

/** A hash of bytes that is no checksum of any kind that core knows (FNV-1a on two lanes). */
export function tagOf(bytes: Uint8Array): string {
  let [a, b] = [0x811c9dc5, 0xcbf29ce4];
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte ^ 0x5a, 0x01000193);
  }
  return [a, b].map((lane) => (lane >>> 0).toString(16).padStart(8, "0").toUpperCase()).join("");
}

/** Makes the object of some bytes. */
export function makeObject(
  object: Pick<ModelObject, "key" | "bytes" | "modifiedAt" | "options"> & { readonly tag?: string },
): ModelObject {
  return {
    ...object,
    tag: object.tag ?? tagOf(object.bytes),
    checksum: { kind: "crc64ecma", value: crc64(object.bytes) },
  };
}

/** Makes the part of some bytes. */
export function makePart(number: number, bytes: Uint8Array<ArrayBuffer>, withChecksum: boolean): ModelPart {
  const checksum: Checksum = { kind: "crc64ecma", value: crc64(bytes) };
  return {
    bytes,
    receipt: { number, size: bytes.length, tag: tagOf(bytes), ...(withChecksum && { checksum }) },
  };
}

/** All bytes in one piece. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
