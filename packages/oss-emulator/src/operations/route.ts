import { methodNotAllowed, notImplemented } from "../http/errors.js";
import type { Exchange, Reply } from "../http/exchange.js";
import type { RequestHeaders } from "../http/headers.js";
import type { Target } from "../http/target.js";
import * as bucket from "./bucket.js";
import { completeMultipartUpload } from "./complete.js";
import { copyObject, uploadPartCopy } from "./copy.js";
import { deleteMultipleObjects, deleteObject } from "./delete.js";
import { getObject, getObjectMeta, headObject } from "./get.js";
import { listObjects, listObjectsV2 } from "./list-objects.js";
import { listMultipartUploads, listParts } from "./list-session.js";
import * as settings from "./object-settings.js";
import { putObject } from "./put.js";
import { abortMultipartUpload, initiateMultipartUpload, uploadPart } from "./session.js";

export const OPERATIONS = {
  AbortMultipartUpload: abortMultipartUpload,
  CompleteMultipartUpload: completeMultipartUpload,
  CopyObject: copyObject,
  DeleteBucket: bucket.deleteBucket,
  DeleteMultipleObjects: deleteMultipleObjects,
  DeleteObject: deleteObject,
  DeleteObjectTagging: settings.deleteObjectTagging,
  GetBucketAcl: bucket.getBucketAcl,
  GetBucketInfo: bucket.getBucketInfo,
  GetBucketLocation: bucket.getBucketLocation,
  GetBucketStat: bucket.getBucketStat,
  GetObject: getObject,
  GetObjectAcl: settings.getObjectAcl,
  GetObjectMeta: getObjectMeta,
  GetObjectTagging: settings.getObjectTagging,
  HeadBucket: bucket.headBucket,
  HeadObject: headObject,
  InitiateMultipartUpload: initiateMultipartUpload,
  ListBuckets: bucket.listBuckets,
  ListMultipartUploads: listMultipartUploads,
  ListObjects: listObjects,
  ListObjectsV2: listObjectsV2,
  ListParts: listParts,
  PutBucket: bucket.putBucket,
  PutObject: putObject,
  PutObjectAcl: settings.putObjectAcl,
  PutObjectTagging: settings.putObjectTagging,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
} satisfies Record<string, (exchange: Exchange) => Promise<Reply>>;

/** The operations that are implemented, as they appear in the log and in fault rules. */
export type OperationName = keyof typeof OPERATIONS;

/** Sub-resources that select an operation nobody implemented here; ignoring them would do something else. */
const UNKNOWN = (
  "append restore symlink select policy cors lifecycle logging website referer versioning versions versionId " +
  "encryption inventory worm replication style live vod img cname x-oss-process asyncFetch tagging acl " +
  "requestPayment transferAcceleration qosInfo resourceGroup metaQuery regionList accessmonitor"
).split(" ");

/** Which operation a request asks for, or the name of what is not implemented. */
export function operationOf(
  method: string,
  target: Target,
  headers: RequestHeaders,
): OperationName | { missing: string } | undefined {
  const { query } = target;
  const has = (name: string) => query.has(name);
  if (target.bucket === undefined) return method === "GET" ? "ListBuckets" : undefined;
  const found =
    target.key === undefined ? ofBucket(method, has, query.get("list-type")) : ofObject(method, has, headers);
  if (found === undefined || GENERIC.has(found)) {
    const missing = UNKNOWN.find(has);
    if (missing !== undefined) return { missing };
  }
  return found;
}

/** Operations chosen without any sub-resource: these would swallow an unknown one. */
const GENERIC: ReadonlySet<string> = new Set([
  "GetObject",
  "HeadObject",
  "PutObject",
  "CopyObject",
  "DeleteObject",
  "ListObjects",
  "PutBucket",
  "DeleteBucket",
  "HeadBucket",
] satisfies OperationName[]);

type Has = (name: string) => boolean;

function ofBucket(method: string, has: Has, listType: string | undefined): OperationName | undefined {
  switch (method) {
    case "GET":
      if (has("uploads")) return "ListMultipartUploads";
      if (has("bucketInfo")) return "GetBucketInfo";
      if (has("location")) return "GetBucketLocation";
      if (has("stat")) return "GetBucketStat";
      if (has("acl")) return "GetBucketAcl";
      return listType === "2" ? "ListObjectsV2" : "ListObjects";
    case "PUT":
      return "PutBucket";
    case "POST":
      return has("delete") ? "DeleteMultipleObjects" : undefined;
    case "DELETE":
      return "DeleteBucket";
    case "HEAD":
      return "HeadBucket";
    default:
      return undefined;
  }
}

function ofObject(method: string, has: Has, headers: RequestHeaders): OperationName | undefined {
  const copies = headers.has("x-oss-copy-source");
  switch (method) {
    case "GET":
      if (has("uploadId")) return "ListParts";
      if (has("acl")) return "GetObjectAcl";
      if (has("tagging")) return "GetObjectTagging";
      return has("objectMeta") ? "GetObjectMeta" : "GetObject";
    case "HEAD":
      return has("objectMeta") ? "GetObjectMeta" : "HeadObject";
    case "PUT":
      if (has("uploadId") || has("partNumber")) return copies ? "UploadPartCopy" : "UploadPart";
      if (has("acl")) return "PutObjectAcl";
      if (has("tagging")) return "PutObjectTagging";
      return copies ? "CopyObject" : "PutObject";
    case "POST":
      if (has("uploads")) return "InitiateMultipartUpload";
      return has("uploadId") ? "CompleteMultipartUpload" : undefined;
    case "DELETE":
      if (has("uploadId")) return "AbortMultipartUpload";
      return has("tagging") ? "DeleteObjectTagging" : "DeleteObject";
    default:
      return undefined;
  }
}

/** Does what the request asks for. */
export async function perform(exchange: Exchange, operation: ReturnType<typeof operationOf>): Promise<Reply> {
  if (operation === undefined) throw methodNotAllowed(exchange.entry.method);
  if (typeof operation === "object") throw notImplemented(operation.missing);
  return OPERATIONS[operation](exchange);
}
