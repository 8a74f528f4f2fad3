import { isIP } from "node:net";
import { invalid } from "./invalid.js";
import { printable } from "./text.js";

/** What says where a bucket is reached; see `OssTransportOptions`. */
export interface EndpointOptions {
  readonly bucket: string;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly internal?: boolean | undefined;
  readonly accelerate?: boolean | "overseas" | undefined;
  readonly customDomain?: boolean | undefined;
  readonly pathStyle?: boolean | undefined;
  readonly secure?: boolean | undefined;
}

/** Where the requests about one bucket go. */
export interface Endpoint {
  /** `https://bucket.oss-cn-hangzhou.aliyuncs.com`, without a slash at the end. */
  readonly origin: string;
  /** What comes before the key in the path: empty, or `/bucket` in path style. */
  readonly prefix: string;
  /** The endpoint as given: without the bucket, with the scheme. */
  readonly url: string;
  /** Host and port, without the bucket. */
  readonly host: string;
  /** Whether the host is one of Alibaba Cloud's own. */
  readonly aliyun: boolean;
  /** The region told by the options or by the host's name. */
  readonly region: string | undefined;
}

const REGION = /^[a-z][a-z0-9-]*[a-z0-9]$/;

export function resolveEndpoint(options: EndpointOptions): Endpoint {
  const region = regionOf(options.region);
  refuseContradictions(options);
  const url = parse(options.endpoint ?? hostFor(options, region), options.secure);
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const local = isIP(hostname) !== 0 || hostname === "localhost";
  const pathStyle = local || options.pathStyle === true;
  const aliyun = hostname.endsWith(".aliyuncs.com");
  if (hostname.startsWith(`${options.bucket}.`) && aliyun)
    throw invalid(
      `The endpoint ${url.host} already names the bucket; give ${url.host.slice(options.bucket.length + 1)}.`,
    );
  const virtual = !pathStyle && options.customDomain !== true;
  return {
    origin: `${url.protocol}//${virtual ? `${options.bucket}.` : ""}${url.host}`,
    prefix: pathStyle ? `/${options.bucket}` : "",
    url: `${url.protocol}//${url.host}`,
    host: url.host,
    aliyun,
    region: region ?? regionFromHost(hostname),
  };
}

/** `cn-hangzhou`; the frequent spelling `oss-cn-hangzhou` means the same. */
function regionOf(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const region = given.replace(/^oss-/, "");
  if (!REGION.test(region))
    throw invalid(`The region "${printable(given, 60)}" is not a region id such as cn-hangzhou.`);
  return region;
}

function refuseContradictions(options: EndpointOptions): void {
  const { accelerate, customDomain, endpoint, internal, pathStyle, secure } = options;
  const both = (a: string, b: string) =>
    invalid(`The options ${a} and ${b} contradict each other; give one of them.`);
  if (endpoint !== undefined && internal) throw both("endpoint", "internal");
  if (endpoint !== undefined && accelerate) throw both("endpoint", "accelerate");
  if (internal && accelerate) throw both("internal", "accelerate");
  if (customDomain && pathStyle) throw both("customDomain", "pathStyle");
  if (customDomain && endpoint === undefined)
    throw invalid("The option customDomain needs the domain itself as endpoint.");
  if (secure && endpoint?.startsWith("http://")) throw both('endpoint "http://…"', "secure: true");
  if (secure === false && endpoint?.startsWith("https://"))
    throw both('endpoint "https://…"', "secure: false");
}

function hostFor({ accelerate, internal }: EndpointOptions, region: string | undefined): string {
  if (accelerate === "overseas") return "oss-accelerate-overseas.aliyuncs.com";
  if (accelerate) return "oss-accelerate.aliyuncs.com";
  if (region === undefined)
    throw invalid("Nothing says where the bucket is: give a region such as cn-hangzhou, or an endpoint.");
  return `oss-${region}${internal ? "-internal" : ""}.aliyuncs.com`;
}

function parse(endpoint: string, secure: boolean | undefined): URL {
  const shown = printable(endpoint, 80);
  const wrong = (what: string) =>
    invalid(`The endpoint "${shown}" ${what}; give one such as https://oss-cn-hangzhou.aliyuncs.com.`);
  if (/[\s\\]/.test(endpoint)) throw wrong("has a space or backslash in it");
  // Before anything is shown: a user name or password must not be repeated.
  if (endpoint.includes("@"))
    throw invalid(
      'The endpoint holds an "@"; give host and port only, and keys by the option "credentials".',
    );
  let url: URL;
  try {
    url = new URL(
      endpoint.includes("://") ? endpoint : `${secure === false ? "http" : "https"}://${endpoint}`,
    );
  } catch {
    throw wrong("is not a host");
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") throw wrong("is neither https nor http");
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "")
    throw wrong("has more than a host and a port in it");
  return url;
}

function regionFromHost(host: string): string | undefined {
  const region =
    /^oss-([a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com$/.exec(host)?.[1] ??
    /^([a-z0-9-]+)\.oss\.aliyuncs\.com$/.exec(host)?.[1];
  return region?.startsWith("accelerate") ? undefined : region;
}
