import type { RequestHeaders } from "../http/headers.js";

/** What a signature covers. */
export interface Signable {
  readonly method: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: RequestHeaders;
}

/** A computed signature and the text it was computed from, which OSS shows when it does not match. */
export interface Computed {
  readonly signature: string;
  readonly stringToSign: string;
  readonly canonicalRequest?: string;
}

export function resourcePath(request: Pick<Signable, "bucket" | "key">): string {
  return request.bucket === undefined ? "/" : `/${request.bucket}/${request.key ?? ""}`;
}

export function byName(a: readonly [string, string], b: readonly [string, string]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0;
}
