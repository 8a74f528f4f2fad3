import { describe, expect, it } from "vitest";
import { parseTarget } from "./target.js";

describe("a target", () => {
  it.each([
    ["/demo/a/b.txt", "127.0.0.1:9000", "demo", "a/b.txt"],
    ["/demo/a%2Fb%2btxt+", "localhost", "demo", "a/b+txt+"],
    ["/demo/", "[::1]:80", "demo", undefined],
    ["/demo", "127.0.0.1", "demo", undefined],
    ["/", "127.0.0.1", undefined, undefined],
    ["/a/b", "demo.oss-cn-hangzhou.aliyuncs.com", "demo", "a/b"],
    ["/", "demo.localhost:9000", "demo", undefined],
    ["/demo/a", "oss-cn-hangzhou.aliyuncs.com", "demo", "a"],
    ["/a", "files.example.com:8080", "cdn", "a"],
    ["//a", "demo.localhost", "demo", "/a"],
    ["http://demo.localhost/a", "demo.localhost", "demo", "a"],
  ])("%s at %s is of bucket %s, key %s", (url, host, bucket, key) => {
    expect(parseTarget(url, host, { "files.example.com": "cdn" })).toMatchObject({ bucket, key });
  });

  it("takes bare and empty query values alike, and a plus as a space", () => {
    const { query } = parseTarget("/demo/?uploads&acl=&prefix=a+b%2B&x=1&x=2", "localhost", {});
    expect([query.get("uploads"), query.get("acl"), query.get("prefix"), query.get("none")]).toEqual([
      "",
      "",
      "a b+",
      undefined,
    ]);
  });

  it("refuses what is no UTF-8", () => {
    expect(() => parseTarget("/demo/%ff", "localhost", {})).toThrow(
      expect.objectContaining({ code: "InvalidURI" }),
    );
  });
});
