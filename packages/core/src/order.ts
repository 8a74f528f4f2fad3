import * as z from "zod/mini";
import type { ObjectOptions } from "./contracts/transport.js";
import { slotBytes } from "./engine/governor/governor.js";
import { TransferError } from "./errors.js";
import type { TransfersOptions, UploadRequest, Verify } from "./options.js";

/** What one upload is to do: a request with its defaults, checked and frozen. */
export interface Order {
  readonly key: string;
  readonly object: ObjectOptions;
  readonly threshold: number;
  readonly partSize: number | undefined;
  readonly verify: Verify;
  readonly restart: boolean;
  readonly wait: boolean;
  readonly crew: boolean;
  readonly giveUpAfter: number;
}

/** What all uploads of one `createTransfers` share, with its defaults. */
export interface Settings {
  readonly concurrency: number | "auto";
  readonly maxBufferedBytes: number;
  readonly leaseTtl: number;
  readonly holder: string | undefined;
  readonly stallAfter: number;
  readonly answerAfter: number;
  readonly completeAfter: number;
}

/** The default threshold: 10 MiB, as in oss2. */
export const defaultThreshold = 10 * 1024 * 1024;

const positive = z.int().check(z.positive());
const orderSchema = z.object({
  key: z.string().check(z.minLength(1)),
  object: z._default(z.record(z.string(), z.unknown()), {}),
  threshold: z._default(z.int().check(z.nonnegative()), defaultThreshold),
  partSize: z.optional(positive),
  verify: z._default(z.enum(["checksum", "fingerprint"]), "checksum"),
  restart: z._default(z.boolean(), false),
  wait: z._default(z.boolean(), false),
  crew: z._default(z.boolean(), false),
  giveUpAfter: z._default(z.number().check(z.nonnegative()), 15 * 60_000),
});

const wait = z.number().check(z.gte(1), z.lte(24 * 3_600_000));
const settingsSchema = z.object({
  concurrency: z._default(z.union([z.literal("auto"), z.int().check(z.gte(1), z.lte(1_000))]), "auto"),
  leaseTtl: z._default(z.number().check(z.gte(1_000), z.lte(3_600_000)), 30_000),
  maxBufferedBytes: z.optional(z.int().check(z.gte(slotBytes))),
  holder: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
  stallAfter: z._default(wait, 30_000),
  answerAfter: z._default(wait, 60_000),
  completeAfter: z._default(wait, 900_000),
});

/** The one table of an upload's defaults. Throws `invalid-options`. */
export function readOrder(request: UploadRequest): Order {
  const read = check("upload", orderSchema, request);
  return Object.freeze({
    ...read,
    object: Object.freeze(read.object) as ObjectOptions,
    partSize: read.partSize,
  });
}

/** The one table of the shared defaults. Throws `invalid-options`. */
export function readSettings(options: TransfersOptions): Settings {
  const read = check("createTransfers", settingsSchema, options);
  const slots = Math.max(64, read.concurrency === "auto" ? 0 : read.concurrency);
  const maxBufferedBytes = read.maxBufferedBytes ?? slots * slotBytes;
  return Object.freeze({ ...read, maxBufferedBytes, holder: read.holder });
}

/** What each option has to be, for the message. */
const expected: Readonly<Record<string, string>> = {
  key: "the object's name, 1 character or more",
  threshold: "a whole number of bytes, 0 or more",
  partSize: "a whole number of bytes, 1 or more",
  verify: '"checksum" or "fingerprint"',
  giveUpAfter: "milliseconds, 0 or more",
  concurrency: '"auto", or a whole number from 1 to 1,000',
  maxBufferedBytes: "a whole number of bytes, 1 MiB or more",
  leaseTtl: "milliseconds, 1,000 to 3,600,000",
  holder: "1 to 200 characters",
  stallAfter: "milliseconds, 1 to 86,400,000",
  answerAfter: "milliseconds, 1 to 86,400,000",
  completeAfter: "milliseconds, 1 to 86,400,000",
};

function check<S extends z.ZodMiniType>(where: string, schema: S, value: unknown): z.output<S> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const name = String(read.error.issues[0]?.path[0] ?? "options");
  const must = expected[name];
  const message = must ? `must be ${must}` : "is of the wrong type";
  throw new TransferError("invalid-options", `${where}: ${name} ${message}.`, { details: { option: name } });
}
