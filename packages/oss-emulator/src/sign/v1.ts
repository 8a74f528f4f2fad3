import { createHmac } from "node:crypto";
import { byName, type Computed, resourcePath, type Signable } from "./canonical.js";

/** The query parameters that signature V1 covers, beside all that start with `x-oss-`. */
const SUB_RESOURCES = new Set(
  (
    "acl append callback callback-var cname comp continuation-token cors delete encryption inventory " +
    "inventoryId lifecycle live location logging metaQuery objectMeta partNumber policy position qos qosInfo " +
    "referer regionList replication replicationLocation replicationProgress requestPayment resourceGroup " +
    "response-cache-control response-content-disposition response-content-encoding response-content-language " +
    "response-content-type response-expires restore security-token sequential stat status style styleName " +
    "symlink tagging transferAcceleration uploadId uploads versionId versioning versions vod website worm " +
    "wormExtend wormId bucketInfo startTime endTime img endpoint objectInfo asyncFetch callbackStatus callbackUrl"
  ).split(" "),
);

/** Signature V1. `date` is the Date of a signed header, or the expiry in seconds of a signed URL. */
export function signV1(request: Signable, secret: string, date: string): Computed {
  const header = (name: string) => request.headers.get(name) ?? "";
  const ossHeaders = [...request.headers]
    .filter(([name]) => name.startsWith("x-oss-"))
    .sort(byName)
    .map(([name, value]) => `${name}:${value}\n`)
    .join("");
  const signed = request.query
    .filter(([name]) => SUB_RESOURCES.has(name) || name.startsWith("x-oss-"))
    .toSorted(byName)
    .map(([name, value]) => (value === "" ? name : `${name}=${value}`));
  const resource = resourcePath(request) + (signed.length > 0 ? `?${signed.join("&")}` : "");
  const stringToSign = [
    request.method,
    header("content-md5"),
    header("content-type"),
    date,
    ossHeaders + resource,
  ].join("\n");
  return { signature: createHmac("sha1", secret).update(stringToSign).digest("base64"), stringToSign };
}
