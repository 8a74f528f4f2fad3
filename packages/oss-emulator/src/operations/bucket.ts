import { OssError } from "../http/errors.js";
import type { Exchange, Reply } from "../http/exchange.js";
import { element, isoTime, xmlDocument } from "../http/xml.js";
import { bucketOf } from "./find.js";
import { OWNER } from "./list-objects.js";
import { byBytes } from "./names.js";
import { xmlReply } from "./session.js";

/** 3 to 63 lower-case letters, digits and hyphens; a letter or digit at both ends. */
export const BUCKET_NAME = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

export async function listBuckets(exchange: Exchange): Promise<Reply> {
  const buckets = [...exchange.state.disk.buckets.values()].sort((a, b) => byBytes(a.name, b.name));
  const elements = buckets.map((bucket) => `<Bucket>${facts(exchange, bucket).join("")}</Bucket>`);
  return xmlReply(xmlDocument("ListAllMyBucketsResult", [OWNER, `<Buckets>${elements.join("")}</Buckets>`]));
}

export async function putBucket(exchange: Exchange): Promise<Reply> {
  const name = exchange.target.bucket ?? "";
  if (!BUCKET_NAME.test(name)) {
    throw new OssError(400, "InvalidBucketName", "The specified bucket is not valid.", { BucketName: name });
  }
  await exchange.text(65_536);
  const bucket = await exchange.state.disk.createBucket(name, exchange.now());
  bucket.acl = exchange.headers.get("x-oss-acl") ?? bucket.acl;
  return { status: 200, headers: { Location: `/${name}` } };
}

export async function deleteBucket(exchange: Exchange): Promise<Reply> {
  const bucket = bucketOf(exchange);
  if (bucket.objects.size > 0 || bucket.sessions.size > 0) {
    throw new OssError(409, "BucketNotEmpty", "The bucket you tried to delete is not empty.", {
      BucketName: bucket.name,
    });
  }
  await exchange.state.disk.removeBucket(bucket);
  return { status: 204 };
}

export async function headBucket(exchange: Exchange): Promise<Reply> {
  bucketOf(exchange);
  return { status: 200 };
}

export async function getBucketInfo(exchange: Exchange): Promise<Reply> {
  const bucket = bucketOf(exchange);
  const acl = `<AccessControlList>${element("Grant", bucket.acl)}</AccessControlList>`;
  const body = `<Bucket>${[...facts(exchange, bucket), OWNER, acl].join("")}</Bucket>`;
  return xmlReply(xmlDocument("BucketInfo", [body]));
}

export async function getBucketLocation(exchange: Exchange): Promise<Reply> {
  bucketOf(exchange);
  const region = `oss-${exchange.state.settings.region}`;
  return xmlReply(`<?xml version="1.0" encoding="UTF-8"?>\n${element("LocationConstraint", region)}\n`);
}

export async function getBucketAcl(exchange: Exchange): Promise<Reply> {
  const grant = `<AccessControlList>${element("Grant", bucketOf(exchange).acl)}</AccessControlList>`;
  return xmlReply(xmlDocument("AccessControlPolicy", [OWNER, grant]));
}

export async function getBucketStat(exchange: Exchange): Promise<Reply> {
  const bucket = bucketOf(exchange);
  const storage = [...bucket.objects.values()].reduce((sum, object) => sum + object.size, 0);
  const body = xmlDocument("BucketStat", [
    element("Storage", storage),
    element("ObjectCount", bucket.objects.size),
    element("MultipartUploadCount", bucket.sessions.size),
  ]);
  return xmlReply(body);
}

function facts(exchange: Exchange, bucket: { name: string; created: number }): string[] {
  const { region } = exchange.state.settings;
  return [
    element("CreationDate", isoTime(bucket.created)),
    element("ExtranetEndpoint", `oss-${region}.aliyuncs.com`),
    element("IntranetEndpoint", `oss-${region}-internal.aliyuncs.com`),
    element("Location", `oss-${region}`),
    element("Name", bucket.name),
    element("StorageClass", "Standard"),
  ];
}
