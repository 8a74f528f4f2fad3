import { TransferError } from "@partwise/core/contract";
import { describe, expect, it } from "vitest";
import { startRedis } from "../../test/helpers/redis-server.js";
import { connectTo, type Libraries, parseUrl } from "./url.js";

describe("parseUrl", () => {
  it("reads host, port, database, user and password", () => {
    expect(parseUrl("redis://localhost", undefined)).toEqual({ host: "localhost", port: 6379, db: 0 });
    expect(parseUrl("redis://:p%40ss@10.0.0.1:7000/3", undefined)).toEqual({
      host: "10.0.0.1",
      port: 7000,
      db: 3,
      password: "p@ss",
    });
    expect(parseUrl("redis://[::1]:7000/", undefined).host).toBe("::1");
  });

  it("takes TLS from the scheme, and names the host to the server unless it is an address", () => {
    expect(parseUrl("rediss://user:word@cache.example.com", undefined)).toEqual({
      host: "cache.example.com",
      port: 6379,
      db: 0,
      username: "user",
      password: "word",
      tls: { servername: "cache.example.com" },
    });
    expect(parseUrl("rediss://10.0.0.1", { ca: "pem" }).tls).toEqual({ ca: "pem" });
  });

  it.each([
    "redis://me:s3cret@host:99999",
    "redis://me:s3cret@ho st",
    "http://me:s3cret@host",
    "redis://me:s3cret@host/name",
    "redis://me:s3cret@host/0?ssl=s3cret",
    "redis://me:s3cret%zz@host",
    "me:s3cret@host",
    "",
  ])("refuses %j without repeating it", (url) => {
    try {
      parseUrl(url, undefined);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: "invalid-options" });
      expect(JSON.stringify([error, String(error)])).not.toContain("s3cret");
      expect((error as Error).cause).toBeUndefined();
    }
  });

  it("refuses TLS options for an open connection", () => {
    expect(() => parseUrl("redis://host", { ca: "pem" })).toThrow(TransferError);
  });
});

describe("connectTo", () => {
  const missing = async () => {
    throw Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
  };
  const place = { host: "127.0.0.1", port: 1, db: 0 };

  it("says what to install when no library is there", async () => {
    const none: Libraries = { ioredis: missing, redis: missing };
    await expect(connectTo(place, 500, none)).rejects.toMatchObject({
      code: "invalid-options",
      message: expect.stringContaining("npm install ioredis"),
    });
  });

  it("does not take a broken library for a missing one", async () => {
    const broken = async () => {
      throw new SyntaxError("in the library");
    };
    await expect(connectTo(place, 500, { ioredis: broken, redis: missing })).rejects.toThrow(SyntaxError);
  });

  it("uses node-redis where ioredis is missing, and cannot be used after closing", async () => {
    const server = await startRedis();
    const libraries: Libraries = { ioredis: missing, redis: () => import("redis") };
    const { connection, close } = await connectTo({ ...place, port: server.port, db: 2 }, 500, libraries);
    const signal = AbortSignal.timeout(5_000);
    await connection.ready(signal);
    await connection.send("a", ["SET", "a", "1"]);
    expect(
      await connection.together("a", [
        ["GET", "a"],
        ["CLIENT", "INFO"],
      ]),
    ).toEqual(["1", expect.stringMatching(/ name=partwise .* db=2 /)]);
    await close?.();
    await expect(connection.ready(signal)).rejects.toThrow("closed");
    await server.stop();
  });
});
