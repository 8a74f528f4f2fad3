import { Cluster, Redis } from "ioredis";
import { createClient, createClientPool, createCluster, createSentinel } from "redis";
import { describe, expect, it } from "vitest";
import { recognise } from "./recognise.js";

describe("recognise", () => {
  const lazy = { lazyConnect: true } as const;
  const secret = "redis://me:s3cret@10.0.0.1:7000/2";

  it.each([
    ["ioredis", new Redis(secret, lazy), "10.0.0.1:7000/2"],
    ["ioredis on a socket", new Redis("/run/redis.sock", lazy), "/run/redis.sock/0"],
    ["ioredis cluster", new Cluster([{ host: "10.0.0.1", port: 7000 }], lazy), "cluster 10.0.0.1:7000"],
    ["node-redis", createClient({ url: secret }), "10.0.0.1:7000/2"],
    ["node-redis by default", createClient(), "localhost:6379/0"],
    ["node-redis cluster", createCluster({ rootNodes: [{ url: secret }] }), "cluster 10.0.0.1:7000"],
    ["node-redis pool", createClientPool({ url: secret }), "localhost:6379/0"],
  ])("knows %s and where it goes, without its secret", (_, client, address) => {
    expect(recognise(client).address).toBe(address);
  });

  it("takes a connection made by hand, class instances too", () => {
    class ByHand {
      readonly address = "mine";
      async ready() {}
      async send() {}
      async together() {
        return [];
      }
      async primaries() {
        return [];
      }
    }
    const connection = new ByHand();
    expect(recognise(connection)).toBe(connection);
  });

  it.each([
    ["nothing", undefined],
    ["a URL", "redis://localhost"],
    ["a strange object", { get: () => "value", sendCommand: () => {} }],
    ["a node-redis sentinel", createSentinel({ name: "x", sentinelRootNodes: [{ host: "a", port: 1 }] })],
  ])("refuses %s, naming what it takes", (_, client) => {
    expect(() => recognise(client)).toThrow(/neither a client of ioredis .* nor one of node-redis/);
  });

  it("says that a node-redis client must be connected first", async () => {
    const connection = recognise(createClient());
    await expect(connection.ready(AbortSignal.timeout(1_000))).rejects.toThrow("call its connect() first");
  });

  it("connects an ioredis client that waits to be asked, and tells why it could not", async () => {
    const client = new Redis({ port: 1, host: "127.0.0.1", lazyConnect: true });
    await expect(recognise(client).ready(AbortSignal.timeout(200))).rejects.toThrow("ECONNREFUSED");
    client.disconnect();
  });

  it("does not open again what its owner closed", async () => {
    const client = new Redis({ port: 1, host: "127.0.0.1", lazyConnect: true });
    const ended = new Promise((resolve) => client.once("end", resolve));
    client.disconnect();
    await ended;
    await expect(recognise(client).ready(AbortSignal.timeout(200))).rejects.toThrow("closed");
  });
});
