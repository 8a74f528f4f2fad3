import { fileAlreadyExists } from "../http/errors.js";
import type { Exchange, Reply } from "../http/exchange.js";
import { checkKey, encryptionHeaders, forbidsOverwrite, readAcl, readObjectHeaders } from "./attributes.js";
import { callBack, readCallback } from "./callback.js";
import { bucketOf, keyOf } from "./find.js";
import { receipt, receive } from "./receive.js";

export async function putObject(exchange: Exchange): Promise<Reply> {
  const bucket = bucketOf(exchange);
  const key = keyOf(exchange);
  checkKey(key);
  const headers = readObjectHeaders(exchange.headers);
  const acl = readAcl(exchange.headers);
  const callback = readCallback(exchange);
  const check = () => {
    if (forbidsOverwrite(exchange.headers) && bucket.objects.has(key)) throw fileAlreadyExists();
  };
  check();
  const staged = await receive(exchange, bucket);
  const object = {
    key,
    size: staged.size,
    etag: staged.md5.toString("hex").toUpperCase(),
    md5: staged.md5.toString("base64"),
    crc64: staged.crc64.toString(),
    type: "Normal" as const,
    modified: exchange.now(),
    acl,
    headers,
  };
  try {
    await bucket.putObject(staged, object, check);
  } catch (error) {
    await bucket.discard(staged);
    throw error;
  }
  const reply = { status: 200, headers: { ...receipt(staged), ...encryptionHeaders(headers) } };
  return callback ? callBack(exchange, callback, object, reply) : reply;
}
