/** The requests that differ in which headers they may carry. */
export type Place = "put" | "open" | "part" | "copy" | "complete" | "read" | "other";

const creating: readonly Place[] = ["put", "open"];
const everywhere: readonly Place[] = ["put", "open", "part", "copy", "complete", "read", "other"];

/**
 * Which request each header belongs on. OSS documentation, "PutObject", "InitiateMultipartUpload", "UploadPart",
 * "CompleteMultipartUpload"; encryption on a part is not ignored there but refused.
 */
const table: Readonly<Record<string, readonly Place[]>> = {
  "content-type": creating,
  "cache-control": creating,
  "content-disposition": creating,
  "content-encoding": creating,
  expires: creating,
  "x-oss-storage-class": creating,
  "x-oss-server-side-encryption": creating,
  "x-oss-server-side-data-encryption": creating,
  "x-oss-server-side-encryption-key-id": creating,
  "x-oss-tagging": creating,
  "x-oss-object-acl": ["put", "complete"],
  // On opening only advice; what counts is the check on committing.
  "x-oss-forbid-overwrite": ["put", "open", "complete"],
  "x-oss-callback": ["put", "complete"],
  "x-oss-callback-var": ["put", "complete"],
  "x-oss-traffic-limit": ["put", "part", "copy", "read"],
  "x-oss-request-payer": everywhere,
};

/** Where a header goes; `undefined` for one that nobody may give. */
export function placesOf(name: string): readonly Place[] | undefined {
  if (/^x-oss-meta-./.test(name)) return creating;
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Whether opening a session fixes this header for the session's life. */
export function fixedOnOpening(name: string): boolean {
  return placesOf(name) === creating;
}
