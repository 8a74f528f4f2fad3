/** A request as both signatures see it: names and values before any encoding. */
export interface SignableRequest {
  readonly method: string;
  readonly bucket: string;
  /** Absent: the request is about the bucket. */
  readonly key?: string;
  /** Decoded; an empty value stands for a bare name. */
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case, values trimmed; hashed as UTF-8, which is what is sent. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What signing needs of credentials. */
export interface SigningKeys {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** STS token. */
  readonly securityToken?: string;
}

/** `/bucket/key` in plain text; the bucket is named even where the URL does not show it. */
export function resourcePath(request: SignableRequest): string {
  return `/${request.bucket}/${request.key ?? ""}`;
}

export function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
