import type { Transport } from "@partwise/core/contract";
import { fixedHeaders } from "./headers/route.js";
import { Client } from "./http/client.js";
import { checkKey } from "./key.js";
import { abilities, limits } from "./limits.js";
import { type OssTransportOptions, resolveOptions } from "./options.js";
import { type PresignedRequest, type PresignRequest, presign } from "./presign.js";
import { createContext } from "./verbs/context.js";
import { listParts, listSessions } from "./verbs/listings.js";
import { findObject, putObject } from "./verbs/objects.js";
import { copyPart, putPart } from "./verbs/parts.js";
import { readRange } from "./verbs/read-range.js";
import { abortSession, completeSession, openSession } from "./verbs/sessions.js";

/** The port to one bucket of Alibaba Cloud OSS. */
export interface OssTransport extends Transport {
  readonly bucket: string;
  /** Where it is told by options or endpoint. */
  readonly region: string | undefined;
  /** With scheme, without the bucket: `https://oss-cn-hangzhou.aliyuncs.com`. */
  readonly endpoint: string;
  /**
   * Signs one request for somebody without credentials. Throws `invalid-options` for a bad key or time, and what
   * the credentials provider throws.
   */
  presign(request: PresignRequest): Promise<PresignedRequest>;
}

/**
 * A transport to Alibaba Cloud OSS. Nothing is sent, and no credentials are asked for, until the first call.
 * Throws `invalid-options`, naming the option, when the options cannot be right.
 *
 * @example
 * const transport = ossTransport({ bucket: "demo", region: "cn-hangzhou" });
 */
export function ossTransport(options: OssTransportOptions): OssTransport {
  const settings = resolveOptions(options);
  const { bucket, endpoint, requestPayer } = settings;
  const client = new Client(settings);
  const context = createContext(client, bucket, requestPayer);
  return {
    // Internal, public and accelerated endpoints lead to one bucket; any other host may be another world.
    id: `oss:${endpoint.region ?? "-"}:${bucket}${endpoint.aliyun ? "" : `@${endpoint.host}`}`,
    bucket,
    region: endpoint.region,
    endpoint: endpoint.url,
    limits,
    abilities,
    locate: context.locate,
    prepare: ({ key, options }) => {
      checkKey(key);
      return fixedHeaders(options);
    },
    putObject: (request, call) => putObject(context, request, call),
    openSession: (request, call) => openSession(context, request, call),
    putPart: (request, call) => putPart(context, request, call),
    listParts: (request, call) => listParts(context, request, call),
    completeSession: (request, call) => completeSession(context, request, call),
    abortSession: (request, call) => abortSession(context, request, call),
    findObject: (request, call) => findObject(context, request, call),
    readRange: (request, call) => readRange(context, request, call),
    copyPart: (request, call) => copyPart(context, request, call),
    listSessions: (request, call) => listSessions(context, request, call),
    presign: (request) => presign(settings, client.credentials, () => client.now(), request),
    close: () => client.close(),
  };
}
