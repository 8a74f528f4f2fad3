import * as z from "zod/mini";
import { percentDecode } from "../encode.js";
import { firstIssue } from "../invalid.js";
import { parseXml } from "./parse.js";

const decimal = z.string().check(z.regex(/^\d{1,16}$/, "expected a number"));
const integer = z.pipe(
  decimal,
  z.transform((text) => Number(text)),
);
const crc64 = z.string().check(z.regex(/^\d{1,20}$/, "expected a decimal number"));
const tag = z.pipe(
  z.string().check(z.minLength(1)),
  z.transform((text) => unquoted(text)),
);
const instant = z.pipe(
  z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)), "expected a date")),
  z.transform((text) => Date.parse(text)),
);
const truncated = z.pipe(
  z.enum(["true", "false"]),
  z.transform((text) => text === "true"),
);
/** An empty element is read as the empty string, also where children could be. */
const optional = z.optional(z.string());

const initiated = z.object({
  UploadId: z.string().check(z.regex(/^[\x21-\x7e]{1,1024}$/, "expected an id")),
});
const completed = z.object({ ETag: tag });
const copied = z.object({ ETag: tag });
const parts = z.object({
  NextPartNumberMarker: optional,
  IsTruncated: truncated,
  Part: z.optional(
    z.array(z.object({ PartNumber: integer, Size: integer, ETag: tag, HashCrc64ecma: z.optional(crc64) })),
  ),
});
const uploads = z.object({
  EncodingType: optional,
  NextKeyMarker: optional,
  NextUploadIdMarker: optional,
  IsTruncated: truncated,
  Upload: z.optional(
    z.array(z.object({ Key: z.string(), UploadId: z.string().check(z.minLength(1)), Initiated: instant })),
  ),
});
const error = z.object({
  Code: z.string(),
  Message: optional,
  RequestId: optional,
  ServerTime: optional,
  Endpoint: optional,
  PartNumber: optional,
});

/** An error document, as far as we use it. */
export type ErrorDocument = z.output<typeof error>;
export type PartsDocument = z.output<typeof parts>;
export type UploadsDocument = z.output<typeof uploads>;

export const readInitiated = (text: string) => read("InitiateMultipartUploadResult", initiated, text);
export const readCompleted = (text: string) => read("CompleteMultipartUploadResult", completed, text);
export const readCopied = (text: string) => read("CopyPartResult", copied, text);
export const readParts = (text: string): PartsDocument => read("ListPartsResult", parts, text);

/** Names come decoded. */
export function readUploads(text: string): UploadsDocument {
  const document = read("ListMultipartUploadsResult", uploads, text);
  if (document.EncodingType !== "url") return document;
  return {
    ...document,
    ...(document.NextKeyMarker === undefined ? {} : { NextKeyMarker: percentDecode(document.NextKeyMarker) }),
    Upload: document.Upload?.map((upload) => ({ ...upload, Key: percentDecode(upload.Key) })),
  };
}

/** The error in an answer, or `undefined` when the text is no error document of OSS. */
export function readError(text: string): ErrorDocument | undefined {
  if (!text.includes("<Error")) return undefined;
  try {
    return read("Error", error, text);
  } catch {
    return undefined;
  }
}

function read<T>(root: string, schema: z.ZodMiniType<T>, text: string): T {
  const document = parseXml(text);
  if (document.root !== root) throw new Error(`expected <${root}>`);
  const checked = schema.safeParse(document.content);
  if (!checked.success) throw new Error(firstIssue(checked.error));
  return checked.data;
}

/** An ETag without its quotes. */
export function unquoted(tag: string): string {
  return tag.replace(/^"(.*)"$/s, "$1");
}
