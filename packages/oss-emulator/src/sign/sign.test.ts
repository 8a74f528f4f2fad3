import { describe, expect, it } from "vitest";
import { readHeaders } from "../http/headers.js";
import type { Signable } from "./canonical.js";
import { CredentialBook } from "./credentials.js";
import { signV1 } from "./v1.js";
import { signV4 } from "./v4.js";
import { verify } from "./verify.js";

const QUERY = [
  ["param1", "value1"],
  ["+param1", "value3"],
  ["|param1", "value4"],
  ["+param2", ""],
  ["|param2", ""],
  ["param2", ""],
] as const;
const HEADERS = {
  "x-oss-head1": "value",
  abc: "value",
  ZAbc: "value",
  XYZ: "value",
  "content-type": "text/plain",
  "x-oss-content-sha256": "UNSIGNED-PAYLOAD",
};
const SCOPE = { region: "cn-hangzhou", product: "oss", additional: [] as string[] };

function request(
  method: string,
  bucket: string | undefined,
  key: string | undefined,
  query: Signable["query"],
  headers: Record<string, string>,
): Signable {
  return { method, bucket, key, query, headers: readHeaders(Object.entries(headers).flat()) };
}

describe("signature V4 in the header", () => {
  const signed = (dateTime: string, more: Record<string, string> = {}, scope: Partial<typeof SCOPE> = {}) => {
    const headers = { ...HEADERS, "x-oss-date": dateTime, ...more };
    const put = request("PUT", "bucket", "1234+-/123/1.txt", QUERY, headers);
    return signV4(put, "sk", { ...SCOPE, ...scope, dateTime });
  };

  it("agrees with the vectors of the SDKs", () => {
    const plain = signed("20231216T162057Z");
    expect(plain.signature).toBe("e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe");
    expect(plain.stringToSign).toContain("f4613657f1b108998e8dbd10a1aa5da621dc2c6e02c9ddec0f163664848704c4");
    expect(signed("20231217T034736Z", { "x-oss-security-token": "token" }).signature).toBe(
      "b94a3f999cf85bcdc00d332fbd3734ba03e48382c36fa4d5af5df817395bd9ea",
    );
    expect(
      signed("20231216T172512Z", {}, { additional: ["zabc", "abc", "x-oss-no-exist", "x-oss-head1"] })
        .signature,
    ).toBe("4a4183c187c07c8947db7620deb0a6b38d9fbdd34187b6dbaccb316fa251212f");
    expect(signed("20231216T162057Z", {}, { region: "cb-123", product: "oss-cloudbox" }).signature).toBe(
      "94ce1f12c17d148ea681030275a94449d3357f5b5b21133996eec80af3e08a43",
    );
  });
});

describe("signature V4 in the URL", () => {
  it.each([
    [
      "20231217T025437Z",
      "",
      "",
      "cn-hangzhou",
      "oss",
      "a39966c61718be0d5b14e668088b3fa07601033f6518ac7b523100014269c0fe",
    ],
    [
      "20231217T035628Z",
      "token",
      "",
      "cn-hangzhou",
      "oss",
      "3817ac9d206cd6dfc90f1c09c00be45005602e55898f26f5ddb06d7892e1f8b5",
    ],
    [
      "20231217T033009Z",
      "",
      "abc;zabc",
      "cn-hangzhou",
      "oss",
      "6bd984bfe531afb6db1f7550983a741b103a8c58e5e14f83ea474c2322dfa2b7",
    ],
    [
      "20231217T025437Z",
      "",
      "abc;zabc",
      "cb-123",
      "oss-cloudbox",
      "07284191b9b4978ac3520cd39ee2dea2747eda454089359371ff463a6c7ba20f",
    ],
  ])("%s token=%j additional=%j %s", (dateTime, token, additional, region, product, expected) => {
    const { "x-oss-content-sha256": _payload, ...headers } = {
      ...HEADERS,
      "content-type": "application/octet-stream",
    };
    const query: [string, string][] = [
      ...QUERY.map(([name, value]): [string, string] => [name, value]),
      ["x-oss-signature-version", "OSS4-HMAC-SHA256"],
      ["x-oss-date", dateTime],
      ["x-oss-expires", "599"],
      ["x-oss-credential", `ak/${dateTime.slice(0, 8)}/${region}/${product}/aliyun_v4_request`],
    ];
    if (token) query.push(["x-oss-security-token", token]);
    if (additional) query.push(["x-oss-additional-headers", additional]);
    const put = request("PUT", "bucket", "1234+-/123/1.txt", query, headers);
    const scope = { dateTime, region, product, additional: additional.split(";") };
    expect(signV4(put, "sk", scope).signature).toBe(expected);
  });
});

describe("signature V4 of multipart requests", () => {
  const uploadId: [string, string] = ["uploadId", "0004B9895DBBB6EC9"];
  const url: [string, string] = ["encoding-type", "url"];
  const strange = "中文 a+b/ü%2F*!'().txt";
  it.each<[string, string | undefined, [string, string][], Record<string, string>, string]>([
    [
      "POST",
      "dir/obj.bin",
      [["uploads", ""], url],
      { "content-type": "application/octet-stream", "x-oss-meta-a": "b" },
      "97b263de3a34b36ce748a38efcf87599a93826f19d4f89978b0378e9e5f6ce0c",
    ],
    [
      "PUT",
      "dir/obj.bin",
      [["partNumber", "3"], uploadId],
      {},
      "827e863735c00ab302d2b9614daeb247567728b628855044d32e6a768c61f2d9",
    ],
    [
      "GET",
      "dir/obj.bin",
      [uploadId, url, ["max-parts", "1000"], ["part-number-marker", "0"]],
      {},
      "a99efc6a28472b30a28ff9f5cb16fa31e813cc5b52d96df17677a1a6721c560c",
    ],
    [
      "POST",
      "dir/obj.bin",
      [uploadId, url],
      { "content-type": "application/xml" },
      "307b84c4999cf09fe33099edd2321c480deb46870c4aaeb5984f169d363844d1",
    ],
    [
      "DELETE",
      "dir/obj.bin",
      [uploadId],
      {},
      "7590510b644e7d4ada68a9a48181dd19c6f89bd97283c33c01158d9f21f8e951",
    ],
    [
      "GET",
      undefined,
      [["uploads", ""], url],
      {},
      "fd7ff3cd749e85691ba6d3fd4ebb9559c28da963e4e92e9e64e3c19355611fce",
    ],
    ["HEAD", strange, [], {}, "b9851047539775101a2f3c0b277eaf378834ed10742a732185df4386c3684d48"],
  ])("%s %s %j", (method, key, query, headers, expected) => {
    const dateTime = "20231216T162057Z";
    const all = { "x-oss-content-sha256": "UNSIGNED-PAYLOAD", "x-oss-date": dateTime, ...headers };
    const computed = signV4(request(method, "bucket", key, query, all), "sk", { ...SCOPE, dateTime });
    expect(computed.signature).toBe(expected);
  });

  it("is accepted at the door, and one changed letter is not", () => {
    const dateTime = "20231216T162057Z";
    const query: [string, string][] = [
      ["partNumber", "3"],
      uploadId,
      ["x-oss-signature-version", "OSS4-HMAC-SHA256"],
      ["x-oss-credential", "ak/20231216/cn-hangzhou/oss/aliyun_v4_request"],
      ["x-oss-date", dateTime],
      ["x-oss-expires", "900"],
      ["x-oss-signature", "efd67d52d2833f7ce9965d0c99036d93ac33f8be323c65a6a187f1225ec89d52"],
    ];
    const context = {
      credentials: new CredentialBook([{ accessKeyId: "ak", accessKeySecret: "sk" }]),
      region: "cn-hangzhou",
      now: 1_702_743_657_000,
    };
    expect(verify(request("PUT", "bucket", "dir/obj.bin", query, {}), context)).toBe("ak");
    expect(() => verify(request("PUT", "bucket", "dir/obj.bim", query, {}), context)).toThrow(
      expect.objectContaining({ code: "SignatureDoesNotMatch" }),
    );
    const late = { ...context, now: context.now + 901_000 };
    expect(() => verify(request("PUT", "bucket", "dir/obj.bin", query, {}), late)).toThrow(
      expect.objectContaining({ code: "AccessDenied", message: "Request has expired." }),
    );
  });
});

describe("signature V1", () => {
  const date = "Wed, 28 Dec 2022 10:27:41 GMT";
  const put = { "content-md5": "eB5eJF1ptWaXm4bijSPyxw==", "content-type": "text/html", "x-oss-date": date };
  const meta = { ...put, "x-oss-meta-author": "alice", "x-oss-meta-magic": "abracadabra" };
  const other: [string, string] = ["non-resousce", "null"];
  const uploadId: [string, string] = ["uploadId", "0004B9895DBBB6EC9"];
  const partDate = "Fri, 24 Feb 2017 03:15:40 GMT";

  it.each<[string, string, string | undefined, [string, string][], Record<string, string>, string, string]>([
    ["PUT", "examplebucket", "nelson", [], meta, date, "kSHKmLxlyEAKtZPkJhG9bZb5k7M="],
    ["PUT", "examplebucket", "nelson", [["acl", ""]], meta, date, "/afkugFbmWDQ967j1vr6zygBLQk="],
    [
      "GET",
      "examplebucket",
      undefined,
      [["resourceGroup", ""], other],
      { "x-oss-date": date },
      date,
      "vkQmfuUDyi1uDi3bKt67oemssIs=",
    ],
    [
      "GET",
      "examplebucket",
      undefined,
      [["acl", ""], ["resourceGroup", ""], other],
      { "x-oss-date": date },
      date,
      "x3E5TgOvl/i7PN618s5mEvpJDYk=",
    ],
    ["GET", "bucket", "key", [["versionId", "versionId"]], {}, "1699807420", "dcLTea+Yh9ApirQ8o8dOPqtvJXQ="],
    [
      "GET",
      "bucket",
      "key+123",
      [
        ["versionId", "versionId"],
        ["security-token", "token"],
      ],
      {},
      "1699808204",
      "jzKYRrM5y6Br0dRFPaTGOsbrDhY=",
    ],
    [
      "PUT",
      "bucket",
      "dir/obj.bin",
      [["partNumber", "3"], uploadId],
      {},
      partDate,
      "KY3i+ZTte49SMTaJP/NAq/uscxc=",
    ],
    [
      "PUT",
      "bucket",
      "dir/obj.bin",
      [["partNumber", "3"], uploadId],
      { "x-oss-security-token": "token" },
      partDate,
      "JLD6BJXwg3sFMdLbEjIsPK2GzrQ=",
    ],
    [
      "GET",
      "bucket",
      "dir/obj.bin",
      [uploadId, ["max-parts", "1000"]],
      {},
      partDate,
      "wB5DmJdZkA5s7KpqHU3uvWNy4K8=",
    ],
  ])("%s %s/%s %j", (method, bucket, key, query, headers, at, expected) => {
    expect(signV1(request(method, bucket, key, query, headers), "sk", at).signature).toBe(expected);
  });
});
