import { usageError } from "../failure.js";

/** Where an object is to stand. */
export interface Target {
  readonly bucket: string;
  readonly key: string;
}

const shape = "write the target as oss://bucket/key, or oss://bucket/folder/ to keep the file's name";

/** Whether this is written as a target, rightly or wrongly, rather than as an id. */
export function looksLikeTarget(text: string): boolean {
  return text.includes(":") || text.includes("/");
}

/**
 * Reads `oss://bucket/key`. A key that is empty or ends in `/` takes `name`, the file's name; without a name it stays
 * as it is. The key is taken literally: nothing is decoded.
 */
export function parseTarget(text: string, name?: string): Target {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text);
  if (!scheme) throw usageError(`The target does not begin with oss:// – ${shape}.`);
  const [start, protocol = ""] = scheme;
  // The rest of a URL may be signed, and what stands before an @ may be a secret: neither is repeated.
  if (protocol.toLowerCase() !== "oss") {
    throw usageError(
      `Targets at ${protocol.toLowerCase()}:// are not known here; ${shape}, and give the host with --endpoint.`,
    );
  }
  const rest = text.slice(start.length);
  const slash = rest.indexOf("/");
  const bucket = slash < 0 ? rest : rest.slice(0, slash);
  if (bucket.includes("@")) {
    throw usageError(
      "Credentials do not belong in the target; set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET in the environment.",
    );
  }
  if (bucket === "") throw usageError(`The target ${text} names no bucket; ${shape}.`);
  if (slash < 0) throw usageError(`The target ${text} names no key; ${shape}.`);
  const key = rest.slice(slash + 1);
  if (key !== "" && !key.endsWith("/")) return { bucket, key };
  if (name === "")
    throw usageError(`The target ${text} takes the file's name, but the file has none; ${shape}.`);
  if (name === undefined && key === "") throw usageError(`The target ${text} names no key; ${shape}.`);
  return { bucket, key: key + (name ?? "") };
}

/** Reads `oss://bucket`, `oss://bucket/` or `oss://bucket/prefix`; the prefix is taken literally. */
export function parsePrefix(text: string): { readonly bucket: string; readonly prefix: string } {
  const [, bucket = "", prefix = ""] = /^oss:\/\/([^/@]+)(?:\/(.*))?$/is.exec(text) ?? [];
  // What is not such a place is not repeated: it may be a signed URL.
  if (bucket === "") throw usageError("Write the place as oss://bucket or oss://bucket/prefix.");
  return { bucket, prefix };
}
