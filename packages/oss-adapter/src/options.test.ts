import { isTransferError } from "@partwise/core/contract";
import { describe, expect, it } from "vitest";
import type { OssTransportOptions } from "./options.js";
import { resolveOptions } from "./options.js";
import { ossTransport } from "./oss-transport.js";

const credentials = { accessKeyId: "id", accessKeySecret: "hush-secret" };
const base = { bucket: "demo", credentials };

describe("where a bucket is reached", () => {
  it.each<[Partial<OssTransportOptions>, string, string, string | undefined]>([
    [{ region: "cn-hangzhou" }, "https://demo.oss-cn-hangzhou.aliyuncs.com", "", "cn-hangzhou"],
    [{ region: "oss-cn-hangzhou" }, "https://demo.oss-cn-hangzhou.aliyuncs.com", "", "cn-hangzhou"],
    [
      { region: "cn-hangzhou", internal: true },
      "https://demo.oss-cn-hangzhou-internal.aliyuncs.com",
      "",
      "cn-hangzhou",
    ],
    [
      { region: "cn-hangzhou", accelerate: true },
      "https://demo.oss-accelerate.aliyuncs.com",
      "",
      "cn-hangzhou",
    ],
    [
      { region: "us-east-1", accelerate: "overseas" },
      "https://demo.oss-accelerate-overseas.aliyuncs.com",
      "",
      "us-east-1",
    ],
    [
      { endpoint: "oss-cn-beijing-internal.aliyuncs.com" },
      "https://demo.oss-cn-beijing-internal.aliyuncs.com",
      "",
      "cn-beijing",
    ],
    [
      { endpoint: "cn-beijing.oss.aliyuncs.com/" },
      "https://demo.cn-beijing.oss.aliyuncs.com",
      "",
      "cn-beijing",
    ],
    [
      { endpoint: "http://oss-cn-beijing.aliyuncs.com" },
      "http://demo.oss-cn-beijing.aliyuncs.com",
      "",
      "cn-beijing",
    ],
    [{ endpoint: "http://127.0.0.1:9000", region: "r1" }, "http://127.0.0.1:9000", "/demo", "r1"],
    [{ endpoint: "http://[::1]:9000", region: "r1" }, "http://[::1]:9000", "/demo", "r1"],
    [{ endpoint: "localhost:9000", region: "r1", secure: false }, "http://localhost:9000", "/demo", "r1"],
    [
      { endpoint: "https://files.example.org", customDomain: true, region: "r1" },
      "https://files.example.org",
      "",
      "r1",
    ],
    [{ endpoint: "oss.example.org", region: "r1" }, "https://demo.oss.example.org", "", "r1"],
    [
      { endpoint: "oss.example.org", region: "r1", pathStyle: true },
      "https://oss.example.org",
      "/demo",
      "r1",
    ],
    [
      { endpoint: "oss-accelerate.aliyuncs.com", signature: "v1" },
      "https://demo.oss-accelerate.aliyuncs.com",
      "",
      undefined,
    ],
  ])("%o goes to %s%s", (options, origin, prefix, region) => {
    const { endpoint } = resolveOptions({ ...base, ...options });
    expect(endpoint).toMatchObject({ origin, prefix, region });
  });

  it("names internal, public and accelerated endpoints of one bucket as one destination", () => {
    const ids = [
      { region: "cn-hangzhou" },
      { region: "cn-hangzhou", internal: true },
      { region: "cn-hangzhou", accelerate: true },
      { endpoint: "http://oss-cn-hangzhou.aliyuncs.com" },
    ].map((options) => ossTransport({ ...base, ...options }).id);
    expect(new Set(ids)).toEqual(new Set(["oss:cn-hangzhou:demo"]));
  });

  it("names the host where it is nobody's we know", () => {
    expect(ossTransport({ ...base, endpoint: "http://127.0.0.1:9000", region: "cn-hangzhou" }).id).toBe(
      "oss:cn-hangzhou:demo@127.0.0.1:9000",
    );
    expect(ossTransport({ ...base, endpoint: "http://10.0.0.1", signature: "v1" }).id).toBe(
      "oss:-:demo@10.0.0.1",
    );
  });
});

describe("options that cannot be right", () => {
  it.each<[string, object, RegExp]>([
    ["no bucket", { bucket: undefined }, /bucket/],
    ["a bad bucket", { bucket: "Demo_1" }, /"Demo_1" is not a bucket name/],
    ["a short bucket", { bucket: "ab" }, /not a bucket name/],
    ["nothing that says where", {}, /give a region/],
    ["a bad region", { region: "Hangzhou!" }, /region/],
    ["no region for V4", { endpoint: "http://127.0.0.1:9" }, /region, which signature V4 needs/],
    ["acceleration without a region", { accelerate: true }, /region/],
    ["a path in the endpoint", { endpoint: "https://oss-cn-hangzhou.aliyuncs.com/x" }, /endpoint/],
    ["a query in the endpoint", { endpoint: "oss-cn-hangzhou.aliyuncs.com?x" }, /endpoint/],
    ["another scheme", { endpoint: "ftp://oss-cn-hangzhou.aliyuncs.com" }, /neither https nor http/],
    ["no host", { endpoint: "https://" }, /not a host/],
    ["a space", { endpoint: "oss cn" }, /space/],
    ["the bucket twice", { endpoint: "demo.oss-cn-hangzhou.aliyuncs.com" }, /already names the bucket/],
    ["endpoint and internal", { endpoint: "x.org", internal: true }, /contradict/],
    ["endpoint and accelerate", { endpoint: "x.org", accelerate: true }, /contradict/],
    ["internal and accelerate", { region: "r1", internal: true, accelerate: true }, /contradict/],
    ["http and secure", { endpoint: "http://x.org", secure: true, region: "r1" }, /contradict/],
    ["https and insecure", { endpoint: "https://x.org", secure: false, region: "r1" }, /contradict/],
    ["a custom domain that is not told", { customDomain: true, region: "r1" }, /customDomain/],
    ["an unknown signature", { region: "r1", signature: "v2" }, /signature: expected "v4" or "v1"/],
    ["a cloud box without its id", { region: "r1", product: "oss-cloudbox" }, /cloudBoxId/],
    ["no connections", { region: "r1", connections: 0 }, /connections: expected at least 1/],
    ["a dispatcher that is none", { region: "r1", dispatcher: {} }, /dispatcher/],
    ["an unknown option", { region: "r1", parallel: 3 }, /parallel/],
    ["a user agent with a line break", { region: "r1", userAgent: "a\r\nb" }, /userAgent/],
    ["credentials without a secret", { region: "r1", credentials: { accessKeyId: "a" } }, /accessKeySecret/],
    ["credentials that are a string", { region: "r1", credentials: "id:secret" }, /credentials/],
  ])("says so: %s", (_name, options, message) => {
    let caught: unknown;
    try {
      ossTransport({ ...base, ...options } as OssTransportOptions);
    } catch (error) {
      caught = error;
    }
    expect(isTransferError(caught, "invalid-options")).toBe(true);
    expect((caught as Error).message).toMatch(message);
    expect((caught as Error).message).not.toContain("\n");
  });

  it("does not repeat a password written into the endpoint", () => {
    expect(() => ossTransport({ ...base, endpoint: "https://me:hush-secret@x.org", region: "r1" })).toThrow(
      expect.toSatisfy((error: Error) => !error.message.includes("hush-secret")),
    );
  });

  it("does not repeat a secret with a newline in it", () => {
    const bad = { accessKeyId: "id", accessKeySecret: "hush-secret\n" };
    expect(() => ossTransport({ bucket: "demo", region: "r1", credentials: bad })).toThrow(
      expect.toSatisfy((error: Error) => !error.message.includes("hush-secret")),
    );
  });
});

describe("keys", () => {
  const transport = ossTransport({ ...base, region: "r1" });
  it.each([["" as string], ["/a"], ["\\a"], ["x".repeat(1024)], ["中".repeat(342)], ["a\udc00"]])(
    "refuses %j",
    (key) => {
      expect(() => transport.prepare({ key })).toThrow(
        expect.toSatisfy((error) => isTransferError(error, "invalid-options")),
      );
    },
  );
  it.each([["a"], ["x".repeat(1023)], ["中".repeat(341)], ["a/../b"], ["\u0001\n"], ["a//b"], ["?x&y=z"]])(
    "takes %j",
    (key) => {
      expect(transport.prepare({ key })).toEqual({});
    },
  );
});
