import { type IncomingHttpHeaders, request } from "node:http";
import { readHeaders } from "../src/http/headers.js";
import { percentEncode } from "../src/http/xml.js";
import { DEFAULT_CREDENTIALS, type EmulatorCredentials, type OssEmulator } from "../src/index.js";
import { signV1 } from "../src/sign/v1.js";
import { signV4 } from "../src/sign/v4.js";

/** One raw request; ali-oss and oss2 drive the emulator too, this one can also do what they never would. */
export interface Call {
  readonly method: string;
  readonly bucket?: string;
  readonly key?: string;
  readonly query?: readonly (readonly [string, string])[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  readonly sign?: "v1" | "v4" | "none";
  readonly credentials?: EmulatorCredentials;
  readonly region?: string;
  readonly now?: number;
  /** Sent instead of the path that bucket and key give. */
  readonly path?: string;
  readonly onSent?: () => void;
  /** Sends only so much of the body and then waits. */
  readonly onlyFirst?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** Text of the first element with this name. */
  element(name: string): string | undefined;
}

export async function call(emulator: OssEmulator, wanted: Call): Promise<Answer> {
  const { method, bucket, key, query = [] } = wanted;
  const body = Buffer.from(wanted.body ?? "");
  const now = new Date(wanted.now ?? Date.now());
  const headers: Record<string, string> = { ...wanted.headers };
  const credentials = wanted.credentials ?? DEFAULT_CREDENTIALS;
  if (credentials.securityToken !== undefined) headers["x-oss-security-token"] = credentials.securityToken;
  const sign = wanted.sign ?? "v4";
  const signable = () => ({
    method,
    bucket,
    key,
    query,
    headers: readHeaders(Object.entries(headers).flat()),
  });
  if (sign === "v1") {
    headers.date = now.toUTCString();
    const { signature } = signV1(signable(), credentials.accessKeySecret, headers.date);
    headers.authorization = `OSS ${credentials.accessKeyId}:${signature}`;
  } else if (sign === "v4") {
    const dateTime = now.toISOString().replace(/[-:]|\.\d{3}/g, "");
    const region = wanted.region ?? emulator.region;
    headers["x-oss-date"] = dateTime;
    headers["x-oss-content-sha256"] = "UNSIGNED-PAYLOAD";
    const scope = { dateTime, region, product: "oss", additional: [] };
    const { signature } = signV4(signable(), credentials.accessKeySecret, scope);
    const credential = `${credentials.accessKeyId}/${dateTime.slice(0, 8)}/${region}/oss/aliyun_v4_request`;
    headers.authorization = `OSS4-HMAC-SHA256 Credential=${credential},Signature=${signature}`;
  }
  if (method !== "GET" && method !== "HEAD" && headers["transfer-encoding"] === undefined) {
    headers["content-length"] ??= String(body.length);
  }
  const search = query
    .map(([name, value]) => percentEncode(name) + (value ? `=${percentEncode(value)}` : ""))
    .join("&");
  const path = wanted.path ?? (bucket === undefined ? "/" : `/${bucket}/${percentEncode(key ?? "", true)}`);
  const target = path + (search ? `?${search}` : "");
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port: emulator.port, method, path: target, headers, agent: false };
    const outgoing = request(options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => resolve(answer(incoming.statusCode ?? 0, incoming.headers, chunks)));
    });
    outgoing.on("error", reject);
    if (wanted.onlyFirst === undefined) outgoing.end(body);
    else outgoing.write(body.subarray(0, wanted.onlyFirst), wanted.onSent);
  });
}

function answer(status: number, headers: IncomingHttpHeaders, chunks: Buffer[]): Answer {
  const body = Buffer.concat(chunks);
  const text = body.toString("utf8", 0, 2_000_000);
  const element = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  return { status, headers, body, text, element };
}

/** Bytes that differ everywhere and are the same in every run. */
export function pattern(size: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  let state = seed;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export const initiate = async (emulator: OssEmulator, key: string, headers: Record<string, string> = {}) => {
  const query = [["uploads", ""]] as const;
  const begun = await call(emulator, { method: "POST", bucket: "demo", key, query, headers });
  return begun.element("UploadId") ?? "";
};

export const putPart = (
  emulator: OssEmulator,
  key: string,
  uploadId: string,
  number: number,
  body: Buffer | string,
  headers: Record<string, string> = {},
) => {
  const query = [
    ["partNumber", String(number)],
    ["uploadId", uploadId],
  ] as const;
  return call(emulator, { method: "PUT", bucket: "demo", key, query, body, headers });
};

export const complete = (
  emulator: OssEmulator,
  key: string,
  uploadId: string,
  parts: readonly (readonly [number, string])[],
  headers: Record<string, string> = {},
) => {
  const list = parts.map(
    ([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`,
  );
  const body = `<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`;
  return call(emulator, {
    method: "POST",
    bucket: "demo",
    key,
    query: [["uploadId", uploadId]],
    headers,
    body: "x-oss-complete-all" in headers ? "" : body,
  });
};
