import { createHash, createHmac } from "node:crypto";
import { encodeQuery, percentEncodePath } from "../encode.js";
import { byName, resourcePath, type SignableRequest, type SigningKeys } from "./signable.js";

const ALGORITHM = "OSS4-HMAC-SHA256";
const PAYLOAD = "UNSIGNED-PAYLOAD";

/** Where a V4 signature is valid. */
export interface V4Place {
  /** Bare region id, `cn-hangzhou`; the id of the cloud box for `oss-cloudbox`. */
  readonly region: string;
  readonly product: string;
}

/** What both forms of the V4 signature are made from. */
export interface V4Signing extends V4Place {
  /** Milliseconds since 1970, by the remote's clock. */
  readonly time: number;
  /** Ordinary headers to sign as well, where the request has them. */
  readonly additionalHeaders?: readonly string[];
}

/** The headers with signature V4 among them. */
export function signV4(
  request: SignableRequest,
  keys: SigningKeys,
  signing: V4Signing,
): Record<string, string> {
  const date = v4Date(signing.time);
  const headers: Record<string, string> = {
    ...request.headers,
    "x-oss-date": date,
    "x-oss-content-sha256": PAYLOAD,
  };
  if (keys.securityToken !== undefined) headers["x-oss-security-token"] = keys.securityToken;
  const additional = additionalOf(headers, signing.additionalHeaders);
  const signature = v4Signature({ ...request, headers }, keys, signing, date, additional);
  headers.authorization = [
    `${ALGORITHM} Credential=${keys.accessKeyId}/${scopeOf(date, signing)}`,
    ...(additional === "" ? [] : [`AdditionalHeaders=${additional}`]),
    `Signature=${signature}`,
  ].join(",");
  return headers;
}

/** The query with signature V4 in it, for a URL. `expiresIn` is in seconds. */
export function presignV4(
  request: SignableRequest,
  keys: SigningKeys,
  signing: V4Signing & { readonly expiresIn: number },
): Record<string, string> {
  const date = v4Date(signing.time);
  const additional = additionalOf(request.headers, signing.additionalHeaders);
  const query: Record<string, string> = {
    ...request.query,
    "x-oss-signature-version": ALGORITHM,
    "x-oss-date": date,
    "x-oss-expires": String(signing.expiresIn),
    "x-oss-credential": `${keys.accessKeyId}/${scopeOf(date, signing)}`,
  };
  if (keys.securityToken !== undefined) query["x-oss-security-token"] = keys.securityToken;
  if (additional !== "") query["x-oss-additional-headers"] = additional;
  query["x-oss-signature"] = v4Signature({ ...request, query }, keys, signing, date, additional);
  return query;
}

/** What is hashed into the string to sign. */
export function canonicalRequest(request: SignableRequest, additional: string): string {
  const more = new Set(additional === "" ? [] : additional.split(";"));
  const headers = Object.entries(request.headers)
    .filter(([name]) => signedByDefault(name) || more.has(name))
    .sort(byName)
    .map(([name, value]) => `${name}:${value}\n`)
    .join("");
  return [
    request.method,
    percentEncodePath(resourcePath(request)),
    encodeQuery(request.query),
    headers,
    additional,
    PAYLOAD,
  ].join("\n");
}

/** The key that signs one day's requests of one place. */
export function deriveKey(secret: string, day: string, place: V4Place): Buffer {
  let key = hmac(`aliyun_v4${secret}`, day);
  for (const step of [place.region, place.product, "aliyun_v4_request"]) key = hmac(key, step);
  return key;
}

interface CachedKey extends V4Place {
  readonly day: string;
  readonly key: Buffer;
}

// By identity of the credentials, so that a key is forgotten together with the secret it came from.
const cache = new WeakMap<SigningKeys, CachedKey>();

function signingKey(keys: SigningKeys, day: string, { region, product }: V4Place): Buffer {
  let cached = cache.get(keys);
  if (cached?.day !== day || cached.region !== region || cached.product !== product) {
    cached = { day, region, product, key: deriveKey(keys.accessKeySecret, day, { region, product }) };
    cache.set(keys, cached);
  }
  return cached.key;
}

function v4Signature(
  request: SignableRequest,
  keys: SigningKeys,
  place: V4Place,
  date: string,
  additional: string,
): string {
  const hash = createHash("sha256").update(canonicalRequest(request, additional)).digest("hex");
  const stringToSign = [ALGORITHM, date, scopeOf(date, place), hash].join("\n");
  return hmac(signingKey(keys, date.slice(0, 8), place), stringToSign).toString("hex");
}

function additionalOf(headers: Readonly<Record<string, string>>, wanted: readonly string[] = []): string {
  const names = wanted
    .map((name) => name.toLowerCase())
    .filter((name) => !signedByDefault(name) && (headers[name] ?? "") !== "");
  return [...new Set(names)].sort().join(";");
}

function signedByDefault(name: string): boolean {
  return name === "content-type" || name === "content-md5" || name.startsWith("x-oss-");
}

function scopeOf(date: string, { region, product }: V4Place): string {
  return `${date.slice(0, 8)}/${region}/${product}/aliyun_v4_request`;
}

/** `20231216T162057Z` */
function v4Date(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, "");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
