import { describe, expect, it } from "vitest";
import type { SignableRequest } from "./signable.js";
import { presignV1, signV1 } from "./v1.js";

const keys = { accessKeyId: "ak", accessKeySecret: "sk" };

const time = Date.UTC(2022, 11, 28, 10, 27, 41);
const date = "Wed, 28 Dec 2022 10:27:41 GMT";
const nelson: SignableRequest = {
  method: "PUT",
  bucket: "examplebucket",
  key: "nelson",
  query: {},
  headers: {
    "content-md5": "eB5eJF1ptWaXm4bijSPyxw==",
    "content-type": "text/html",
    "x-oss-date": date,
    "x-oss-meta-author": "alice",
    "x-oss-meta-magic": "abracadabra",
  },
};
const get: SignableRequest = {
  method: "GET",
  bucket: "examplebucket",
  query: { resourceGroup: "", "non-resousce": "null" },
  headers: { "x-oss-date": date },
};

describe("signature V1 in the header", () => {
  it.each([
    ["O1", nelson, "kSHKmLxlyEAKtZPkJhG9bZb5k7M="],
    ["O2", { ...nelson, query: { acl: "" } }, "/afkugFbmWDQ967j1vr6zygBLQk="],
    ["O3", get, "vkQmfuUDyi1uDi3bKt67oemssIs="],
    ["O4", { ...get, query: { ...get.query, acl: "" } }, "x3E5TgOvl/i7PN618s5mEvpJDYk="],
  ])("gives the vector %s", (_name, request, signature) => {
    const signed = signV1(request, keys, time);
    expect(signed.authorization).toBe(`OSS ak:${signature}`);
    expect(signed.date).toBe(date);
  });

  const part: SignableRequest = {
    method: "PUT",
    bucket: "bucket",
    key: "dir/obj.bin",
    query: { partNumber: "3", uploadId: "0004B9895DBBB6EC9" },
    headers: {},
  };
  const list: SignableRequest = {
    ...part,
    method: "GET",
    query: { uploadId: "0004B9895DBBB6EC9", "max-parts": "1000" },
  };

  it.each([
    ["part", part, keys, "KY3i+ZTte49SMTaJP/NAq/uscxc="],
    ["part with a token", part, { ...keys, securityToken: "token" }, "JLD6BJXwg3sFMdLbEjIsPK2GzrQ="],
    ["list", list, keys, "wB5DmJdZkA5s7KpqHU3uvWNy4K8="],
  ])("gives the vector: %s", (_name, request, given, signature) => {
    const signed = signV1(request, given, Date.UTC(2017, 1, 24, 3, 15, 40));
    expect(signed.authorization).toBe(`OSS ak:${signature}`);
    expect(signed.date).toBe("Fri, 24 Feb 2017 03:15:40 GMT");
  });
});

describe("signature V1 in the URL", () => {
  const request = (key: string): SignableRequest => ({
    method: "GET",
    bucket: "bucket",
    key,
    query: { versionId: "versionId" },
    headers: {},
  });

  it("gives the vector U1", () => {
    expect(presignV1(request("key"), keys, 1699807420)).toEqual({
      versionId: "versionId",
      OSSAccessKeyId: "ak",
      Expires: "1699807420",
      Signature: "dcLTea+Yh9ApirQ8o8dOPqtvJXQ=",
    });
  });

  it("gives the vector U2", () => {
    const query = presignV1(request("key+123"), { ...keys, securityToken: "token" }, 1699808204);
    expect(query.Signature).toBe("jzKYRrM5y6Br0dRFPaTGOsbrDhY=");
    expect(query["security-token"]).toBe("token");
  });
});
