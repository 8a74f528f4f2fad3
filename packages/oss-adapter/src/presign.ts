import type { CredentialSource } from "./credentials.js";
import { encodeQuery, keyPath } from "./encode.js";
import { invalid } from "./invalid.js";
import { checkKey } from "./key.js";
import { PRESIGN_V4_MAX } from "./limits.js";
import type { Settings, SignatureVersion } from "./options.js";
import type { SignableRequest } from "./sign/signable.js";
import { presignV1 } from "./sign/v1.js";
import { presignV4 } from "./sign/v4.js";

/** One request to be signed for somebody without credentials. */
export interface PresignRequest {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly key: string;
  /** Decoded; an empty value stands for a bare name: `{ uploads: "" }`. @default {} */
  readonly query?: Readonly<Record<string, string>>;
  /** Headers that the request will have; those that count for the signature must be sent unchanged. @default {} */
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds: 1 to 604,800 (V4). Temporary credentials may end sooner. @default 900 */
  readonly expiresIn?: number;
  /** @default the transport's */
  readonly version?: SignatureVersion;
}

/** A request that anybody may send until it expires: guard the URL as a secret. */
export interface PresignedRequest {
  readonly method: string;
  readonly url: string;
  /** To be sent as they are. */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since 1970, by the remote's clock as far as it is known. */
  readonly expiresAt: number;
}

/** @param now Milliseconds since 1970, by the remote's clock. */
export async function presign(
  settings: Settings,
  source: CredentialSource,
  now: () => number,
  wanted: PresignRequest,
): Promise<PresignedRequest> {
  const { expiresIn = 900, key, method, version = settings.signature } = wanted;
  checkKey(key);
  if (version !== "v1" && version !== "v4") throw invalid('The signature version is "v4" or "v1".');
  const max = version === "v4" ? PRESIGN_V4_MAX : Number.MAX_SAFE_INTEGER / 1e6;
  if (!Number.isInteger(expiresIn) || expiresIn < 1 || expiresIn > max)
    throw invalid(`A signed URL lives 1 to ${PRESIGN_V4_MAX} seconds; expiresIn is ${expiresIn}.`);
  const headers = lowerCased(wanted.headers ?? {});
  const request: SignableRequest = {
    method,
    bucket: settings.bucket,
    key,
    query: wanted.query ?? {},
    headers,
  };
  const keys = await source.get(new AbortController().signal);
  const time = now();
  const { endpoint, product, scopeRegion } = settings;
  if (version === "v4" && scopeRegion === undefined)
    throw invalid("A V4 signature needs the bucket's region; give the option region.");
  const query =
    version === "v1"
      ? presignV1(request, keys, Math.floor(time / 1000) + expiresIn)
      : presignV4(request, keys, { time, expiresIn, product, region: scopeRegion ?? "" });
  return {
    method,
    url: `${endpoint.origin}${endpoint.prefix}/${keyPath(key)}?${encodeQuery(query)}`,
    headers,
    expiresAt: time + expiresIn * 1000,
  };
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      if (/[\r\n]/.test(name + value)) throw invalid("A header of the request to sign holds a line break.");
      return [name.toLowerCase(), value.trim()];
    }),
  );
}
