import { invalidArgument, OssError } from "../http/errors.js";
import type { Exchange } from "../http/exchange.js";
import type { Bucket } from "../store/bucket.js";
import type { Staged } from "../store/ingest.js";

/** 5 GB: the most that one request may carry. */
const MAX_BODY = 5 * 1024 ** 3;

/** Takes a request's body to disk and checks it against Content-MD5. The caller must commit or discard it. */
export async function receive(exchange: Exchange, bucket: Bucket): Promise<Staged> {
  const length = exchange.headers.get("content-length");
  if (length === undefined && !exchange.headers.has("transfer-encoding")) {
    throw new OssError(411, "MissingContentLength", "You must provide the Content-Length HTTP header.");
  }
  if (Number(length ?? 0) > MAX_BODY) {
    throw invalidArgument("A body must not exceed 5 GB.", "Content-Length", length ?? "");
  }
  const wanted = exchange.headers.get("content-md5");
  if (wanted !== undefined && !/^[A-Za-z0-9+/]{22}==$/.test(wanted)) throw invalidDigest();
  const staged = await bucket.stage(exchange.body());
  if (wanted !== undefined && staged.md5.toString("base64") !== wanted) {
    await bucket.discard(staged);
    throw invalidDigest();
  }
  return staged;
}

const invalidDigest = () => new OssError(400, "InvalidDigest", "The Content-MD5 you specified was invalid.");

/** What an answer says about bytes that were stored. */
export function receipt(staged: Staged): Record<string, string> {
  return {
    ETag: `"${staged.md5.toString("hex").toUpperCase()}"`,
    "Content-MD5": staged.md5.toString("base64"),
    "x-oss-hash-crc64ecma": staged.crc64.toString(),
  };
}
