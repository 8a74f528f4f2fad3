import { createHmac } from "node:crypto";
import { byName, resourcePath, type SignableRequest, type SigningKeys } from "./signable.js";

/** Query names that V1 signs, beside every `x-oss-…`. Listing parameters are not among them. */
const SUB_RESOURCES = new Set(
  `acl append bucketInfo callback callback-var cname comp continuation-token cors delete encryption inventory
  inventoryId lifecycle location logging metaQuery objectMeta partNumber policy position qosInfo referer
  regionList replication replicationLocation replicationProgress requestPayment resourceGroup
  response-cache-control response-content-disposition response-content-encoding response-content-language
  response-content-type response-expires restore security-token sequential stat style styleName symlink tagging
  transferAcceleration uploadId uploads versionId versioning versions website worm wormExtend wormId`.split(
    /\s+/,
  ),
);

/** The headers with signature V1 among them. */
export function signV1(request: SignableRequest, keys: SigningKeys, time: number): Record<string, string> {
  const date = new Date(time).toUTCString();
  const headers: Record<string, string> = { ...request.headers, date };
  if (keys.securityToken !== undefined) headers["x-oss-security-token"] = keys.securityToken;
  const signature = v1Signature({ ...request, headers }, keys.accessKeySecret, headers["x-oss-date"] ?? date);
  headers.authorization = `OSS ${keys.accessKeyId}:${signature}`;
  return headers;
}

/** The query with signature V1 in it, for a URL. `expires` is in seconds since 1970. */
export function presignV1(
  request: SignableRequest,
  keys: SigningKeys,
  expires: number,
): Record<string, string> {
  const query: Record<string, string> = { ...request.query };
  if (keys.securityToken !== undefined) query["security-token"] = keys.securityToken;
  const signature = v1Signature({ ...request, query }, keys.accessKeySecret, String(expires));
  return { ...query, OSSAccessKeyId: keys.accessKeyId, Expires: String(expires), Signature: signature };
}

function v1Signature(request: SignableRequest, secret: string, dateLine: string): string {
  const { headers } = request;
  const ossHeaders = Object.entries(headers)
    .filter(([name]) => name.startsWith("x-oss-"))
    .sort(byName)
    .map(([name, value]) => `${name}:${value}\n`)
    .join("");
  const text = [
    request.method,
    headers["content-md5"] ?? "",
    headers["content-type"] ?? "",
    dateLine,
    ossHeaders + resourceOf(request),
  ].join("\n");
  return createHmac("sha1", secret).update(text).digest("base64");
}

function resourceOf(request: SignableRequest): string {
  const signed = Object.entries(request.query)
    .filter(([name]) => SUB_RESOURCES.has(name) || name.startsWith("x-oss-"))
    .sort(byName)
    .map(([name, value]) => (value === "" ? name : `${name}=${value}`));
  return resourcePath(request) + (signed.length === 0 ? "" : `?${signed.join("&")}`);
}
