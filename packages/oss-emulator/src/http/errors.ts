import { element } from "./xml.js";

/** An answer that OSS would give as error XML. `details` are the extra elements of that code. */
export class OssError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Readonly<Record<string, string | number>> = {},
    readonly ec = EC[code] ?? "0000-00000000",
  ) {
    super(message);
  }
}

/** The error classes (`x-oss-ec`) that are known; others get a neutral value. */
const EC: Readonly<Record<string, string>> = {
  InvalidAccessKeyId: "0002-00000040",
  SecurityTokenExpired: "0002-00000007",
  InvalidSecurityToken: "0002-00000006",
  RequestTimeTooSkewed: "0002-00000504",
  SignatureDoesNotMatch: "0002-00000201",
  AccessDenied: "0003-00000001",
  CallbackFailed: "0007-00000203",
  NoSuchBucket: "0015-00000101",
  NoSuchKey: "0026-00000001",
  NoSuchUpload: "0042-00000203",
  MalformedXML: "0042-00000205",
};

export function errorXml(error: OssError, requestId: string, hostId: string): string {
  const details = Object.entries(error.details)
    .map(([name, value]) => `  ${element(name, value)}\n`)
    .join("");
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n  ${element("Code", error.code)}\n` +
    `  ${element("Message", error.message)}\n  ${element("RequestId", requestId)}\n` +
    `  ${element("HostId", hostId)}\n${details}  ${element("EC", error.ec)}\n` +
    `  ${element("RecommendDoc", `https://api.aliyun.com/troubleshoot?q=${error.ec}`)}\n</Error>\n`
  );
}

export const invalidArgument = (message: string, name: string, value: string, ec?: string) =>
  new OssError(400, "InvalidArgument", message, { ArgumentName: name, ArgumentValue: value }, ec);

export const noSuchUpload = (uploadId: string) =>
  new OssError(
    404,
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    { UploadId: uploadId },
  );

export const noSuchKey = (key: string) =>
  new OssError(404, "NoSuchKey", "The specified key does not exist.", { Key: key });

export const noSuchBucket = (bucket: string) =>
  new OssError(404, "NoSuchBucket", "The specified bucket does not exist.", { BucketName: bucket });

export const fileAlreadyExists = () =>
  new OssError(
    409,
    "FileAlreadyExists",
    "The object you specified already exists and can not be overwritten.",
  );

export const preconditionFailed = (condition: string) =>
  new OssError(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold.", {
    Condition: condition,
  });

export const malformedXml = (
  why = "The XML you provided was not well-formed or did not validate against our published schema.",
) => new OssError(400, "MalformedXML", why);

export const notImplemented = (what: string) =>
  new OssError(501, "NotImplemented", `This emulator does not implement ${what}.`);

export const methodNotAllowed = (method: string) =>
  new OssError(405, "MethodNotAllowed", "The specified method is not allowed against this resource.", {
    Method: method,
  });
