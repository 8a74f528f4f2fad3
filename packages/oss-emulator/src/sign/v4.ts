import { createHash, createHmac } from "node:crypto";
import { percentEncode } from "../http/xml.js";
import { byName, type Computed, resourcePath, type Signable } from "./canonical.js";

export interface V4Scope {
  /** `YYYYMMDDTHHMMSSZ` */
  readonly dateTime: string;
  readonly region: string;
  readonly product: string;
  /** Lower-case names of headers that are signed beside those which always are. */
  readonly additional: readonly string[];
}

const alwaysSigned = (name: string) =>
  name.startsWith("x-oss-") || name === "content-type" || name === "content-md5";

/** Signature V4. The query must not hold `x-oss-signature` itself. */
export function signV4(request: Signable, secret: string, scope: V4Scope): Computed {
  const additional = [...new Set(scope.additional)]
    .filter((name) => !alwaysSigned(name) && request.headers.get(name))
    .sort();
  const headers = [...request.headers]
    .filter(([name]) => alwaysSigned(name) || additional.includes(name))
    .sort(byName)
    .map(([name, value]) => `${name}:${value}\n`)
    .join("");
  const query = request.query
    .map(([name, value]) => [percentEncode(name), percentEncode(value)] as const)
    .toSorted(byName)
    .map(([name, value]) => (value === "" ? name : `${name}=${value}`))
    .join("&");
  const canonicalRequest = [
    request.method,
    percentEncode(resourcePath(request), true),
    query,
    headers,
    additional.join(";"),
    request.headers.get("x-oss-content-sha256") ?? "UNSIGNED-PAYLOAD",
  ].join("\n");
  const day = scope.dateTime.slice(0, 8);
  const stringToSign = [
    "OSS4-HMAC-SHA256",
    scope.dateTime,
    `${day}/${scope.region}/${scope.product}/aliyun_v4_request`,
    createHash("sha256").update(canonicalRequest).digest("hex"),
  ].join("\n");
  const signature = hmac(signingKey(secret, day, scope), stringToSign).toString("hex");
  return { signature, stringToSign, canonicalRequest };
}

function signingKey(secret: string, day: string, scope: V4Scope): Buffer {
  const steps = [day, scope.region, scope.product, "aliyun_v4_request"];
  return steps.reduce<Buffer>(hmac, Buffer.from(`aliyun_v4${secret}`));
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
