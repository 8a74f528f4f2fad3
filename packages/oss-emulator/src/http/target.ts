import { isIP } from "node:net";
import { OssError } from "./errors.js";

/** What a request is about, decoded: the signature is computed from these raw values. */
export interface Target {
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly query: Query;
}

/** Decoded query parameters in the order of the request; a bare name has an empty value. */
export class Query {
  constructor(readonly pairs: readonly (readonly [string, string])[]) {}

  get(name: string): string | undefined {
    return this.pairs.find(([candidate]) => candidate === name)?.[1];
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }
}

/**
 * Finds bucket and key in the host (virtual host, custom domain) or in the path. Addresses, `localhost`,
 * names of one label and OSS's own service names mean path style.
 */
export function parseTarget(
  url: string,
  host: string | undefined,
  domains: Readonly<Record<string, string>>,
): Target {
  const [rawPath, rawQuery] = splitUrl(url);
  const path = decode(rawPath).slice(1);
  const query = new Query(parseFormQuery(rawQuery));
  const bucket = bucketOfHost(host, domains);
  if (bucket !== undefined) return { bucket, key: path || undefined, query };
  const slash = path.indexOf("/");
  if (slash < 0) return { bucket: path || undefined, key: undefined, query };
  return { bucket: path.slice(0, slash) || undefined, key: path.slice(slash + 1) || undefined, query };
}

function bucketOfHost(
  host: string | undefined,
  domains: Readonly<Record<string, string>>,
): string | undefined {
  if (!host) return undefined;
  const name = host.replace(/:\d*$/, "").toLowerCase();
  if (domains[name]) return domains[name];
  if (name.startsWith("[") || isIP(name) || !name.includes(".")) return undefined;
  if (/^(oss-[a-z0-9-]+|[a-z0-9-]+\.oss)\.aliyuncs\.com$/.test(name)) return undefined;
  return name.slice(0, name.indexOf("."));
}

function splitUrl(url: string): [string, string] {
  const relative = /^https?:\/\//i.test(url) ? url.replace(/^https?:\/\/[^/?]*/i, "") : url;
  const mark = relative.indexOf("?");
  const path = mark < 0 ? relative : relative.slice(0, mark);
  return [path.startsWith("/") ? path : `/${path}`, mark < 0 ? "" : relative.slice(mark + 1)];
}

/** Parses `a=b&c=d`, percent-decoded; empty pairs are left out. */
export function parseFormQuery(raw: string): [string, string][] {
  return raw
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      const name = equals < 0 ? pair : pair.slice(0, equals);
      // A plus is a space here and a plus in a path: oss2 sends queries as forms.
      const text = (part: string) => decode(part.replaceAll("+", " "));
      return [text(name), equals < 0 ? "" : text(pair.slice(equals + 1))];
    });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new OssError(400, "InvalidURI", "The URI is not valid percent-encoded UTF-8.", { URI: text });
  }
}
