import * as z from "zod/mini";
import type { Checksum } from "./checksum.js";
import type { JsonValue } from "./json.js";
import type { Plan } from "./plan.js";
import type { Receipt } from "./receipt.js";

/** Version of the entries written here. A greater one is `checkpoint-too-new`. */
export const entryVersion = 1;

const count = z.int().check(z.nonnegative());
const whole = z.int().check(z.positive());
const text = z.string();
const checksum = z.object({ kind: text, value: text });
const session = z.object({ key: text, id: text });
const receipt = z.object({ number: whole, size: count, tag: text, checksum: z.optional(checksum) });
const plan = z.object({ size: whole, partSize: whole, parts: whole });
const json = z.custom<JsonValue>((value) => value !== undefined);

const identity = {
  v: count,
  epoch: whole,
  transport: text,
  key: text,
  target: text,
  location: z.optional(text),
  /** Digest of all that a session is opened with. */
  opening: text,
};

const entrySchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("planned"), ...identity, plan, fingerprint: json }),
  z.object({
    type: z.literal("opened"),
    epoch: whole,
    session,
    abort: z.array(session),
    remoteTime: z.optional(z.number()),
  }),
  z.object({
    type: z.literal("stored"),
    epoch: whole,
    receipt,
    /** Our own checksum of the bytes read. */
    local: z.optional(checksum),
    /** Print of the fingerprint under which they were read. */
    print: text,
  }),
  z.object({
    type: z.literal("sealing"),
    epoch: whole,
    size: whole,
    checksum: z.optional(checksum),
    print: text,
    remoteTime: z.optional(z.number()),
  }),
  z.object({
    type: z.literal("sealed"),
    ...identity,
    size: count,
    print: text,
    object: z.object({ tag: text, checksum: z.optional(checksum), versionId: z.optional(text) }),
    /** Sessions still to be aborted. */
    abort: z.array(session),
    at: z.number(),
  }),
  z.object({ type: z.literal("aborted"), session }),
  z.object({ type: z.literal("abandoned"), reason: text }),
]);

/** One fact in a journal. Never holds a credential or a signed URL. */
export type Entry = z.infer<typeof entrySchema>;

/** The entry of one type. */
export type EntryOf<T extends Entry["type"]> = Extract<Entry, { type: T }>;

/** An entry, `"too-new"` with its version, or `undefined` for what is not an entry of ours. */
export function readEntry(
  found: JsonValue,
): Entry | { readonly type: "too-new"; readonly version: number } | undefined {
  const version = (found as { v?: unknown } | null)?.v;
  if (typeof version === "number" && version > entryVersion) return { type: "too-new", version };
  const read = entrySchema.safeParse(found);
  return read.success ? read.data : undefined;
}

/** Drops absent members, so that an entry is the same before and after its journey through JSON. */
export function toJson(entry: Entry): JsonValue {
  return JSON.parse(JSON.stringify(entry)) as JsonValue;
}

/** A `stored` entry. */
export function storedEntry(
  epoch: number,
  found: Receipt,
  local: Checksum | undefined,
  print: string,
): EntryOf<"stored"> {
  return { type: "stored", epoch, receipt: { ...found }, ...(local && { local }), print };
}

/** Whether a plan read from a journal is one that `partRange` can cut by. */
export function isSoundPlan(found: Plan): boolean {
  return found.parts === Math.ceil(found.size / found.partSize);
}
