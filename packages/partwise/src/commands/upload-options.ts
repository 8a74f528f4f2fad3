import type { ObjectOptions, TransfersOptions, UploadRequest, Verify } from "@partwise/core";
import { parseConcurrency } from "../args/concurrency.js";
import { parseDuration } from "../args/duration.js";
import { parsePairs } from "../args/pairs.js";
import { parseSize } from "../args/size.js";
import type { RemoteOptions, StoreOptions } from "./options.js";

/** `upload`'s options as commander hands them over. */
export interface UploadOptions extends RemoteOptions, StoreOptions {
  readonly concurrency?: string;
  readonly partSize?: string;
  readonly threshold?: string;
  readonly verify?: Verify;
  readonly header: readonly string[];
  readonly meta: readonly string[];
  readonly acl?: string;
  readonly storageClass?: string;
  readonly contentType?: string;
  readonly forbidOverwrite?: boolean;
  readonly restart?: boolean;
  readonly wait?: boolean;
  readonly giveUpAfter?: string;
  readonly crew?: boolean;
  readonly leaseTtl?: string;
  readonly quiet?: boolean;
}

/** What the options say about the upload itself; core keeps the defaults of what is absent. */
export function readUploadOptions(options: UploadOptions): {
  readonly settings: Pick<TransfersOptions, "concurrency" | "leaseTtl">;
  readonly request: Omit<UploadRequest, "source" | "key">;
} {
  const { concurrency, partSize, threshold, verify, restart, wait, giveUpAfter, crew, leaseTtl } = options;
  return {
    settings: {
      ...(concurrency !== undefined && { concurrency: parseConcurrency("--concurrency", concurrency) }),
      ...(leaseTtl !== undefined && { leaseTtl: parseDuration("--lease-ttl", leaseTtl) }),
    },
    request: {
      object: objectOptions(options),
      ...(partSize !== undefined && { partSize: parseSize("--part-size", partSize) }),
      ...(threshold !== undefined && { threshold: parseSize("--threshold", threshold) }),
      ...(giveUpAfter !== undefined && { giveUpAfter: parseDuration("--give-up-after", giveUpAfter) }),
      ...(verify !== undefined && { verify }),
      ...(restart && { restart }),
      ...(wait && { wait }),
      ...(crew && { crew }),
    },
  };
}

function objectOptions(options: UploadOptions): ObjectOptions {
  const { acl, storageClass, contentType, forbidOverwrite } = options;
  const headers = parsePairs("--header", ":", options.header);
  const metadata = parsePairs("--meta", "=", options.meta);
  return {
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(acl !== undefined && { acl }),
    ...(storageClass !== undefined && { storageClass }),
    ...(contentType !== undefined && { contentType }),
    ...(forbidOverwrite && { ifAbsent: true }),
  };
}
