import { invalidArgument, noSuchBucket, noSuchKey, noSuchUpload } from "../http/errors.js";
import type { Exchange } from "../http/exchange.js";
import type { Bucket } from "../store/bucket.js";
import type { ObjectRecord } from "../store/records.js";
import type { Session } from "../store/session.js";

export function bucketOf(exchange: Exchange): Bucket {
  const name = exchange.target.bucket ?? "";
  const bucket = exchange.state.disk.buckets.get(name);
  if (!bucket) throw noSuchBucket(name);
  return bucket;
}

export function keyOf(exchange: Exchange): string {
  return exchange.target.key ?? "";
}

export function objectOf(exchange: Exchange): ObjectRecord {
  const object = bucketOf(exchange).objects.get(keyOf(exchange));
  if (!object) throw noSuchKey(keyOf(exchange));
  return object;
}

/** The open session a request names; it must be of the request's key and younger than the lifetime. */
export function sessionOf(exchange: Exchange): Session {
  const uploadId = exchange.query.get("uploadId") ?? "";
  const session = bucketOf(exchange).sessions.get(uploadId);
  if (!session || session.closed || session.key !== keyOf(exchange) || expired(exchange, session)) {
    throw noSuchUpload(uploadId);
  }
  return session;
}

export function expired(exchange: Exchange, session: Session): boolean {
  return exchange.now() - session.record.initiated > exchange.state.settings.sessionLifetime;
}

/** A whole number from the query within bounds. */
export function numberOf(
  exchange: Exchange,
  name: string,
  fallback: number,
  least: number,
  most: number,
): number {
  const text = exchange.query.get(name);
  if (text === undefined || text === "") return fallback;
  const value = Number(text);
  if (!/^\d{1,10}$/.test(text) || value < least || value > most) {
    throw invalidArgument(`${name} must be between ${least} and ${most}.`, name, text);
  }
  return value;
}
