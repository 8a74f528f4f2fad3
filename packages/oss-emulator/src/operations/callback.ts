import { errorXml, invalidArgument, OssError } from "../http/errors.js";
import type { Exchange, Reply } from "../http/exchange.js";
import { isRecord } from "../http/xml.js";
import type { NewObject } from "../store/bucket.js";

const PATIENCE = 5000;

/** A callback as the headers `x-oss-callback` and `x-oss-callback-var` describe it. */
export interface Callback {
  readonly urls: readonly string[];
  readonly host: string | undefined;
  readonly template: string;
  readonly type: string;
  readonly variables: Readonly<Record<string, string>>;
}

export function readCallback(exchange: Exchange): Callback | undefined {
  const raw = exchange.headers.get("x-oss-callback") ?? exchange.query.get("callback");
  if (raw === undefined) return undefined;
  const fields = decodeJson("x-oss-callback", raw);
  const { callbackUrl, callbackHost, callbackBody, callbackBodyType } = fields;
  const urls = typeof callbackUrl === "string" ? callbackUrl.split(";").filter((url) => url !== "") : [];
  if (urls.length === 0 || urls.length > 5 || typeof callbackBody !== "string" || callbackBody === "") {
    throw invalidArgument("The callback needs 1 to 5 URLs and a body.", "callback", raw);
  }
  const type = callbackBodyType ?? "application/x-www-form-urlencoded";
  if (type !== "application/json" && type !== "application/x-www-form-urlencoded") {
    throw invalidArgument("The callbackBodyType is not supported.", "callbackBodyType", String(type));
  }
  const rawVariables = exchange.headers.get("x-oss-callback-var") ?? exchange.query.get("callback-var");
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(
    rawVariables === undefined ? {} : decodeJson("x-oss-callback-var", rawVariables),
  )) {
    if (!name.startsWith("x:"))
      throw invalidArgument("Callback variables begin with x:.", "callback-var", name);
    variables[name] = String(value);
  }
  const host = typeof callbackHost === "string" ? callbackHost : undefined;
  return { urls, host, template: callbackBody, type, variables };
}

function decodeJson(header: string, raw: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(raw, "base64").toString("utf8"));
    if (isRecord(value)) return value;
  } catch {
    // Said below.
  }
  throw invalidArgument(`${header} must be base64 of a JSON object.`, header, raw);
}

/** Posts the callback and answers with its JSON, or with 203: the object stays stored either way. */
export async function callBack(
  exchange: Exchange,
  callback: Callback,
  object: NewObject,
  reply: Reply,
): Promise<Reply> {
  const body = fill(callback, exchange.target.bucket ?? "", object);
  let failure = "The callback has no URL that could be tried.";
  for (const url of callback.urls) {
    try {
      return {
        ...reply,
        headers: { ...reply.headers, "Content-Type": "application/json" },
        body: await post(url),
      };
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
  }
  const error = new OssError(203, "CallbackFailed", failure);
  return {
    status: 203,
    code: error.code,
    headers: { ...reply.headers, "Content-Type": "application/xml", "x-oss-ec": error.ec },
    body: errorXml(error, exchange.entry.requestId, exchange.headers.get("host") ?? ""),
  };

  async function post(url: string): Promise<string> {
    if (!isLoopback(url)) throw new Error("This emulator calls back loopback addresses only.");
    const answer = await fetch(url, {
      method: "POST",
      body,
      headers: { "content-type": callback.type, "user-agent": "aliyun-oss-callback" },
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`Error status : ${answer.status}.`);
    try {
      JSON.parse(text);
    } catch {
      throw new Error("Response body is not valid json format.");
    }
    return text;
  }
}

function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname, protocol } = new URL(url);
  return /^https?:$/.test(protocol) && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

function fill(callback: Callback, bucket: string, object: NewObject): string {
  const json = callback.type === "application/json";
  const values: Record<string, string | number> = {
    bucket,
    object: object.key,
    etag: object.etag,
    size: object.size,
    mimeType: object.headers["content-type"] ?? "application/octet-stream",
    crc64: object.crc64,
    contentMd5: object.md5 ?? "",
    ...callback.variables,
  };
  return callback.template.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name]! : "";
    return json ? JSON.stringify(value) : encodeURIComponent(value);
  });
}
