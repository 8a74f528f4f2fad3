import { type Clock, systemClock } from "@partwise/core/contract";
import type { Dispatcher } from "undici";
import * as z from "zod/mini";
import { type Credentials, type CredentialsProvider, environmentCredentials } from "./credentials.js";
import { type Endpoint, resolveEndpoint } from "./endpoint.js";
import { firstIssue, invalid } from "./invalid.js";
import { printable } from "./text.js";

/** Which signature requests carry. */
export type SignatureVersion = "v4" | "v1";

/** What {@link ossTransport} takes. */
export interface OssTransportOptions {
  /** 3 to 63 of `a-z`, `0-9` and `-`, beginning and ending with a letter or digit. */
  readonly bucket: string;
  /** Region id, `cn-hangzhou`. @default told from an endpoint of Alibaba Cloud */
  readonly region?: string;
  /** Host, with scheme and port if wanted; without the bucket. @default the region's public endpoint */
  readonly endpoint?: string;
  /** Use the region's internal endpoint (from inside Alibaba Cloud). @default false */
  readonly internal?: boolean;
  /** Use transfer acceleration: everywhere, or overseas only. @default false */
  readonly accelerate?: boolean | "overseas";
  /** The endpoint is a domain of your own that is bound to the bucket. @default false */
  readonly customDomain?: boolean;
  /** Bucket in the path instead of the host. @default true for IP addresses and `localhost`, else false */
  readonly pathStyle?: boolean;
  /** Use https. @default true, unless the endpoint begins with `http://` */
  readonly secure?: boolean;
  /** A value, or a function that gives one. @default environmentCredentials() */
  readonly credentials?: Credentials | CredentialsProvider;
  /** @default "v4" */
  readonly signature?: SignatureVersion;
  /** @default "oss" */
  readonly product?: "oss" | "oss-cloudbox";
  /** Id of the cloud box; needed for `oss-cloudbox`, where V4 signs it in place of the region. */
  readonly cloudBoxId?: string;
  /** Who carries the requests: undici, or Node's own HTTP client, which starts quicker and takes less memory. @default "undici" */
  readonly http?: "undici" | "node";
  /** An undici dispatcher of your own (proxy, own certificates); it is not closed with the transport. @default an Agent */
  readonly dispatcher?: Dispatcher;
  /** Most connections at once, 1 to 10,000; further requests wait. @default unlimited: core's gate decides */
  readonly connections?: number;
  /** Milliseconds to wait for a connection, 1 to 600,000. @default 10_000 */
  readonly connectTimeout?: number;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default "partwise" */
  readonly userAgent?: string;
  /** Pay for the requests, in a bucket whose owner demands that. @default false */
  readonly requestPayer?: boolean;
}

/** Options with every default in place. */
export interface Settings {
  readonly bucket: string;
  readonly endpoint: Endpoint;
  readonly credentials: Credentials | CredentialsProvider;
  readonly signature: SignatureVersion;
  readonly product: "oss" | "oss-cloudbox";
  /** What V4 signs as region. */
  readonly scopeRegion: string | undefined;
  readonly http: "undici" | "node";
  readonly dispatcher: Dispatcher | undefined;
  readonly connections: number | undefined;
  readonly connectTimeout: number;
  readonly clock: Clock;
  readonly userAgent: string;
  readonly requestPayer: boolean;
}

const flag = z.optional(z.boolean());
const withMethod = (name: string, what: string) =>
  z.custom<object>(
    (value) => typeof (value as Record<string, unknown> | null)?.[name] === "function",
    `expected ${what}`,
  );

const schema = z.strictObject({
  bucket: z.string(),
  region: z.optional(z.string()),
  endpoint: z.optional(z.string()),
  internal: flag,
  accelerate: z.optional(z.union([z.boolean(), z.literal("overseas")])),
  customDomain: flag,
  pathStyle: flag,
  secure: flag,
  credentials: z.optional(z.unknown()),
  signature: z.optional(z.enum(["v4", "v1"])),
  product: z.optional(z.enum(["oss", "oss-cloudbox"])),
  cloudBoxId: z.optional(z.string().check(z.regex(/^[a-zA-Z0-9-]+$/, "expected letters, digits and -"))),
  http: z.optional(z.enum(["undici", "node"])),
  dispatcher: z.optional(withMethod("dispatch", "an undici Dispatcher")),
  connections: z.optional(z.int().check(z.minimum(1), z.maximum(10_000))),
  connectTimeout: z.optional(z.int().check(z.minimum(1), z.maximum(600_000))),
  clock: z.optional(withMethod("now", "a Clock")),
  userAgent: z.optional(z.string().check(z.regex(/^[\x21-\x7e][\x20-\x7e]*$/, "expected printable ASCII"))),
  requestPayer: flag,
});

const BUCKET = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

/** Defaults and checks; throws `invalid-options` for the first thing that is wrong. */
export function resolveOptions(options: OssTransportOptions): Settings {
  const checked = schema.safeParse(options);
  if (!checked.success) throw invalid(`ossTransport, option ${firstIssue(checked.error)}.`);
  const { bucket, cloudBoxId, product = "oss", signature = "v4" } = options;
  if (!BUCKET.test(bucket))
    throw invalid(
      `"${printable(bucket, 70)}" is not a bucket name: 3 to 63 of a-z, 0-9 and -, beginning and ending with a letter or digit.`,
    );
  if ((product === "oss-cloudbox") !== (cloudBoxId !== undefined))
    throw invalid('The options product "oss-cloudbox" and cloudBoxId go together; give both or none.');
  const endpoint = resolveEndpoint(options);
  const scopeRegion = cloudBoxId ?? endpoint.region;
  if (signature === "v4" && scopeRegion === undefined)
    throw invalid(
      `The endpoint ${endpoint.host} does not tell the bucket's region, which signature V4 needs; give the option region, such as cn-hangzhou.`,
    );
  const { credentials } = options;
  if (credentials !== undefined && typeof credentials !== "object" && typeof credentials !== "function")
    throw invalid("ossTransport, option credentials: expected an object or a function that gives one.");
  return {
    bucket,
    endpoint,
    credentials: credentials ?? environmentCredentials(),
    signature,
    product,
    scopeRegion,
    http: options.http ?? "undici",
    dispatcher: options.dispatcher,
    connections: options.connections,
    connectTimeout: options.connectTimeout ?? 10_000,
    clock: options.clock ?? systemClock,
    userAgent: options.userAgent ?? "partwise",
    requestPayer: options.requestPayer ?? false,
  };
}
