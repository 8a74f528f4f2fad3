import { describe, expect, it } from "vitest";
import type { RedisConnection } from "./connection/connection.js";
import { type RedisStoreOptions, redisStore } from "./index.js";

/** A server that only says of itself what it is told to. */
function saying(info: string): RedisConnection {
  return {
    address: "fake",
    ready: async () => {},
    send: async () => ["", 0, []],
    together: async () => [],
    primaries: async () => [{ send: async () => info }],
  };
}

describe("redisStore's options", () => {
  it("have defaults that promise no more than a plain server holds", () => {
    const store = redisStore({ url: "redis://user:word@host:7000/1" });
    expect(store).toMatchObject({
      name: "redis:host:7000/1#partwise",
      reach: "network",
      durability: "process-crash",
    });
    expect(redisStore({ url: "redis://h", durability: "power-loss" }).durability).toBe("power-loss");
    expect(redisStore({ url: "redis://h", wait: { replicas: 1 } }).durability).toBe("replicated");
  });

  it.each<[string, RedisStoreOptions]>([
    ["neither client nor url", {}],
    ["both client and url", { client: saying(""), url: "redis://h" }],
    ["tls without a url", { client: saying(""), tls: {} }],
    ["a namespace of nothing", { url: "redis://h", namespace: "" }],
    ["a namespace that changes the slot", { url: "redis://h", namespace: "a}b" }],
    ["a namespace that reaches into others", { url: "redis://h", namespace: "a:b" }],
    ["a namespace with a glob", { url: "redis://h", namespace: "a*" }],
    ["a ttl shorter than a lease can be", { url: "redis://h", ttl: 3_599_999 }],
    ["a broken ttl", { url: "redis://h", ttl: 3_600_000.5 }],
    ["a timeout of nothing", { url: "redis://h", commandTimeout: 0 }],
    ["a durability that is none", { url: "redis://h", durability: "forever" as never }],
    ["replicas of nothing", { url: "redis://h", wait: { replicas: 0 } }],
  ])("refuse %s", (_, options) => {
    expect(() => redisStore(options)).toThrow(expect.objectContaining({ code: "invalid-options" }));
  });
});

describe("the server", () => {
  const read = async (info: string) =>
    (await redisStore({ client: saying(info), onWarning: () => {} }).open("a")).read();

  it("is refused when it is too old", async () => {
    await expect(read("# Server\r\nredis_version:6.0.16\r\n")).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("6.0.16"),
    });
  });

  it.each(["redis_version:6.2.0", "redis_version:7.2.4\r\nvalkey_version:8.0.1", "redis_version:10.0.0", ""])(
    "is taken when it says %j",
    async (info) => {
      expect((await read(info)).entries).toEqual([]);
    },
  );
});
