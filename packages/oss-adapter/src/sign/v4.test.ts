import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { encodeQuery } from "../encode.js";
import type { SignableRequest } from "./signable.js";
import { canonicalRequest, deriveKey, presignV4, signV4 } from "./v4.js";

const keys = { accessKeyId: "ak", accessKeySecret: "sk" };
const withToken = { ...keys, securityToken: "token" };
const hangzhou = { region: "cn-hangzhou", product: "oss" };
const cloudBox = { region: "cb-123", product: "oss-cloudbox" };

const put: SignableRequest = {
  method: "PUT",
  bucket: "bucket",
  key: "1234+-/123/1.txt",
  query: {
    param1: "value1",
    "+param1": "value3",
    "|param1": "value4",
    "+param2": "",
    "|param2": "",
    param2: "",
  },
  headers: {
    "x-oss-head1": "value",
    abc: "value",
    zabc: "value",
    xyz: "value",
    "content-type": "text/plain",
  },
};

function headerSignature(...args: Parameters<typeof signV4>): string | undefined {
  return signV4(...args).authorization?.split("Signature=")[1];
}

describe("signature V4 in the header", () => {
  it.each([
    [
      "H1",
      1702743657,
      keys,
      hangzhou,
      undefined,
      "e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe",
    ],
    [
      "H2",
      1702784856,
      withToken,
      hangzhou,
      undefined,
      "b94a3f999cf85bcdc00d332fbd3734ba03e48382c36fa4d5af5df817395bd9ea",
    ],
    [
      "H3",
      1702747512,
      keys,
      hangzhou,
      ["ZAbc", "abc"],
      "4a4183c187c07c8947db7620deb0a6b38d9fbdd34187b6dbaccb316fa251212f",
    ],
    [
      "H3, names that do not count",
      1702747512,
      keys,
      hangzhou,
      ["ZAbc", "abc", "x-oss-no-exist", "x-oss-head1"],
      "4a4183c187c07c8947db7620deb0a6b38d9fbdd34187b6dbaccb316fa251212f",
    ],
    [
      "H4",
      1702743657,
      keys,
      cloudBox,
      undefined,
      "94ce1f12c17d148ea681030275a94449d3357f5b5b21133996eec80af3e08a43",
    ],
  ] as const)("gives the vector %s", (_name, seconds, given, place, additional, signature) => {
    const signing = {
      ...place,
      time: seconds * 1000,
      ...(additional ? { additionalHeaders: additional } : {}),
    };
    expect(headerSignature(put, given, signing)).toBe(signature);
  });

  it("writes scope and additional headers into the header", () => {
    const signed = signV4(put, keys, {
      ...hangzhou,
      time: 1702747512000,
      additionalHeaders: ["ZAbc", "abc"],
    });
    expect(signed.authorization).toMatch(
      /^OSS4-HMAC-SHA256 Credential=ak\/20231216\/cn-hangzhou\/oss\/aliyun_v4_request,AdditionalHeaders=abc;zabc,Signature=[0-9a-f]{64}$/,
    );
    expect(signed["x-oss-date"]).toBe("20231216T172512Z");
  });

  it("goes through the intermediate values of H1", () => {
    expect(encodeQuery(put.query)).toBe(
      "%2Bparam1=value3&%2Bparam2&%7Cparam1=value4&%7Cparam2&param1=value1&param2",
    );
    const headers = {
      ...put.headers,
      "x-oss-date": "20231216T162057Z",
      "x-oss-content-sha256": "UNSIGNED-PAYLOAD",
    };
    const canonical = canonicalRequest({ ...put, headers }, "");
    expect(canonical).toContain("/bucket/1234%2B-/123/1.txt\n");
    expect(createHash("sha256").update(canonical).digest("hex")).toBe(
      "f4613657f1b108998e8dbd10a1aa5da621dc2c6e02c9ddec0f163664848704c4",
    );
    expect(deriveKey("sk", "20231216", hangzhou).toString("hex")).toBe(
      "b412a03b134ebddd720f5167b5de6db66620ebb3b01cff4d49e3ccb09f8de97f",
    );
  });

  it("derives another key for another day, region, product or secret", () => {
    const signatures = [
      headerSignature(put, keys, { ...hangzhou, time: 1702743657000 }),
      headerSignature(put, keys, { ...hangzhou, time: 1702743657000 + 86_400_000 }),
      headerSignature(put, keys, { ...hangzhou, region: "cn-beijing", time: 1702743657000 }),
      headerSignature(put, keys, { ...cloudBox, time: 1702743657000 }),
      headerSignature(put, { ...keys, accessKeySecret: "other" }, { ...hangzhou, time: 1702743657000 }),
    ];
    expect(new Set(signatures).size).toBe(signatures.length);
    expect(headerSignature(put, keys, { ...hangzhou, time: 1702743657000 })).toBe(signatures[0]);
  });
});

describe("signature V4 in the URL", () => {
  const url: SignableRequest = {
    ...put,
    headers: { ...put.headers, "content-type": "application/octet-stream" },
  };
  const more = ["abc", "zabc"];

  it.each([
    [
      "P1",
      1702781677,
      keys,
      hangzhou,
      undefined,
      "a39966c61718be0d5b14e668088b3fa07601033f6518ac7b523100014269c0fe",
    ],
    [
      "P2",
      1702785388,
      withToken,
      hangzhou,
      undefined,
      "3817ac9d206cd6dfc90f1c09c00be45005602e55898f26f5ddb06d7892e1f8b5",
    ],
    [
      "P3",
      1702783809,
      keys,
      hangzhou,
      more,
      "6bd984bfe531afb6db1f7550983a741b103a8c58e5e14f83ea474c2322dfa2b7",
    ],
    [
      "P4",
      1702781677,
      keys,
      cloudBox,
      more,
      "07284191b9b4978ac3520cd39ee2dea2747eda454089359371ff463a6c7ba20f",
    ],
  ] as const)("gives the vector %s", (_name, seconds, given, place, additional, signature) => {
    const signing = {
      ...place,
      time: seconds * 1000,
      expiresIn: 599,
      ...(additional ? { additionalHeaders: additional } : {}),
    };
    expect(presignV4(url, given, signing)["x-oss-signature"]).toBe(signature);
  });
});

describe("signature V4 of the requests of a transfer", () => {
  const time = 1702743657000;
  const uploadId = "0004B9895DBBB6EC9";
  const request = (
    method: string,
    query: Record<string, string>,
    headers: Record<string, string> = {},
    key: string | undefined = "dir/obj.bin",
  ): SignableRequest => ({ method, bucket: "bucket", key, query, headers });

  it.each([
    [
      "open",
      request(
        "POST",
        { uploads: "", "encoding-type": "url" },
        { "content-type": "application/octet-stream", "x-oss-meta-a": "b" },
      ),
      "97b263de3a34b36ce748a38efcf87599a93826f19d4f89978b0378e9e5f6ce0c",
    ],
    [
      "part",
      request("PUT", { partNumber: "3", uploadId }),
      "827e863735c00ab302d2b9614daeb247567728b628855044d32e6a768c61f2d9",
    ],
    [
      "list",
      request("GET", { uploadId, "encoding-type": "url", "max-parts": "1000", "part-number-marker": "0" }),
      "a99efc6a28472b30a28ff9f5cb16fa31e813cc5b52d96df17677a1a6721c560c",
    ],
    [
      "complete",
      request("POST", { uploadId, "encoding-type": "url" }, { "content-type": "application/xml" }),
      "307b84c4999cf09fe33099edd2321c480deb46870c4aaeb5984f169d363844d1",
    ],
    [
      "abort",
      request("DELETE", { uploadId }),
      "7590510b644e7d4ada68a9a48181dd19c6f89bd97283c33c01158d9f21f8e951",
    ],
    [
      "sessions",
      { method: "GET", bucket: "bucket", query: { uploads: "", "encoding-type": "url" }, headers: {} },
      "fd7ff3cd749e85691ba6d3fd4ebb9559c28da963e4e92e9e64e3c19355611fce",
    ],
    [
      "odd key",
      request("HEAD", {}, {}, "中文 a+b/ü%2F*!'().txt"),
      "b9851047539775101a2f3c0b277eaf378834ed10742a732185df4386c3684d48",
    ],
  ])("gives the vector: %s", (_name, given, signature) => {
    expect(headerSignature(given, keys, { ...hangzhou, time })).toBe(signature);
  });

  it("gives the vector: presigned part", () => {
    const query = presignV4(request("PUT", { partNumber: "3", uploadId }), keys, {
      ...hangzhou,
      time,
      expiresIn: 900,
    });
    expect(query["x-oss-signature"]).toBe("efd67d52d2833f7ce9965d0c99036d93ac33f8be323c65a6a187f1225ec89d52");
  });
});
