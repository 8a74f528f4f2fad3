import { malformedXml } from "../http/errors.js";
import type { Exchange, Reply } from "../http/exchange.js";
import { parseFormQuery } from "../http/target.js";
import { asList, element, isRecord, parseXml, percentEncode, textOf, xmlDocument } from "../http/xml.js";
import { checkTagging, readAcl } from "./attributes.js";
import { bucketOf, objectOf } from "./find.js";
import { OWNER } from "./list-objects.js";
import { xmlReply } from "./session.js";

export async function getObjectAcl(exchange: Exchange): Promise<Reply> {
  const grant = `<AccessControlList>${element("Grant", objectOf(exchange).acl)}</AccessControlList>`;
  return xmlReply(xmlDocument("AccessControlPolicy", [OWNER, grant]));
}

export async function putObjectAcl(exchange: Exchange): Promise<Reply> {
  await bucketOf(exchange).updateObject({ ...objectOf(exchange), acl: readAcl(exchange.headers) });
  return { status: 200 };
}

export async function getObjectTagging(exchange: Exchange): Promise<Reply> {
  const tags = parseFormQuery(objectOf(exchange).headers["x-oss-tagging"] ?? "");
  const elements = tags.map(
    ([name, value]) => `<Tag>${element("Key", name)}${element("Value", value)}</Tag>`,
  );
  return xmlReply(xmlDocument("Tagging", [`<TagSet>${elements.join("")}</TagSet>`]));
}

export async function putObjectTagging(exchange: Exchange): Promise<Reply> {
  const object = objectOf(exchange);
  const root = parseXml(await exchange.text(65_536))?.Tagging;
  if (!isRecord(root)) throw malformedXml();
  const set = isRecord(root.TagSet) ? root.TagSet : {};
  const tagging = asList(set.Tag)
    .map((tag) => {
      if (!isRecord(tag)) throw malformedXml();
      return `${percentEncode(textOf(tag.Key))}=${percentEncode(textOf(tag.Value))}`;
    })
    .join("&");
  checkTagging(tagging);
  await bucketOf(exchange).updateObject({
    ...object,
    headers: { ...object.headers, "x-oss-tagging": tagging },
  });
  return { status: 200 };
}

export async function deleteObjectTagging(exchange: Exchange): Promise<Reply> {
  const object = objectOf(exchange);
  const { "x-oss-tagging": _tagging, ...headers } = object.headers;
  await bucketOf(exchange).updateObject({ ...object, headers });
  return { status: 204 };
}
