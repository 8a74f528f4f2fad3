import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { type RedisStoreOptions, redisStore } from "@partwise/redis-store";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OwnRedisServer, startRedis } from "./helpers/redis-server.js";
import { keysOf } from "./helpers/subject.js";

let server: OwnRedisServer;
let admin: Redis;

beforeAll(async () => {
  server = await startRedis();
  admin = new Redis(server.url);
});

afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

/** Uses every part of a store once. */
async function workThrough(options: RedisStoreOptions, id = "a"): Promise<readonly unknown[]> {
  const store = redisStore(options);
  try {
    const journal = await store.open(id);
    const lease = await journal.lease("transfer", 60_000);
    await journal.append(["planned"], lease);
    await journal.append(["stored"], lease, { ordered: false });
    await journal.setAside(lease);
    await journal.replace(
      Array.from({ length: 1_200 }, (_, index) => index),
      lease,
    );
    await journal.leases("");
    await lease.renew();
    for await (const each of store.list()) expect(each.id).toBe(id);
    await store.prune({ olderThan: 0 });
    const { entries } = await journal.read();
    await lease.release();
    return entries;
  } finally {
    await store.close();
  }
}

describe("keys", () => {
  it("gives every key of a transfer, and the catalog, a time to live, anew with each write", async () => {
    const hour = 3_600_000;
    await workThrough({ url: server.url, namespace: "ttl", ttl: hour });
    const keys = await keysOf(admin, "*ttl*");
    expect(keys.map((key) => key.replace(/aside:.*/, "aside")).sort()).toEqual([
      "{ttl:a}:aside",
      "{ttl:a}:entries",
      "{ttl:a}:state",
      "{ttl:}:catalog",
    ]);
    for (const key of keys) expect(await admin.pttl(key)).toBeGreaterThan(hour - 60_000);

    for (const key of ["{ttl:a}:entries", "{ttl:a}:state"]) await admin.pexpire(key, 5_000);
    const store = redisStore({ url: server.url, namespace: "ttl", ttl: hour });
    await (await store.open("a")).lease("transfer", 1_000);
    for (const key of ["{ttl:a}:entries", "{ttl:a}:state"]) {
      expect(await admin.pttl(key)).toBeGreaterThan(hour - 60_000);
    }
    await store.close();
  });

  it("leaves nothing of a journal that was leased and never written to", async () => {
    const store = redisStore({ url: server.url, namespace: "empty" });
    const journal = await store.open("a");
    const [one, two] = [await journal.lease("transfer", 1_000), await journal.lease("member/a", 1_000)];
    await one.release();
    expect(await keysOf(admin, "*empty*")).toEqual(["{empty:a}:state"]);
    await two.release();
    expect(await keysOf(admin, "*empty*")).toEqual([]);
    await store.close();
  });

  it("writes one small record for a receipt, not a growing document", async () => {
    const store = redisStore({ url: server.url, namespace: "small" });
    const journal = await store.open("a");
    const lease = await journal.lease("transfer", 60_000);
    const sent = async () => Number(/total_net_input_bytes:(\d+)/.exec(await admin.info("stats"))?.[1]);
    const bytesOf = async (count: number) => {
      const before = await sent();
      for (let each = 0; each < count; each++)
        await journal.append([`receipt ${each}`], lease, { ordered: false });
      return ((await sent()) - before) / count;
    };
    await bytesOf(10);
    const early = await bytesOf(50);
    await journal.append(
      Array.from({ length: 2_000 }, (_, index) => index),
      lease,
    );
    expect(await bytesOf(50)).toBeLessThan(early * 1.2);
    expect(early).toBeLessThan(600);
    await store.close();
  });

  it("honours a client's own key prefix, in listing too", async () => {
    const client = new Redis(server.url, { keyPrefix: "mine[1]:" });
    expect((await workThrough({ client, namespace: "prefixed" })).length).toBe(1_200);
    expect((await keysOf(admin, "mine*}:entries")).length).toBe(1);
    client.disconnect();
  });
});

describe("users", () => {
  const rules = "on >s3cret:pa/ss resetkeys ~{acl:* resetchannels -@all +eval +evalsha +info +scan +zscan";
  const commands =
    "+time +hget +hset +hsetnx +hincrby +hdel +hkeys +hgetall +exists +del +type +rename +rpush +lrange +llen +pexpire +pttl +zadd +zscore +zrem +zremrangebyscore";

  it("works for a user who may touch its keys and call its commands only", async () => {
    await admin.call("ACL", "SETUSER", "narrow", ...rules.split(" "), ...commands.split(" "));
    const url = `redis://narrow:${encodeURIComponent("s3cret:pa/ss")}@127.0.0.1:${server.port}`;
    expect((await workThrough({ url, namespace: "acl" })).length).toBe(1_200);
    await expect(workThrough({ url, namespace: "other" })).rejects.toMatchObject({
      code: "store-unavailable",
      retryable: false,
      message: expect.stringContaining("does not permit this user"),
    });
  });

  it("refuses a wrong password at once, and tells it to nobody", async () => {
    const url = `redis://narrow:wrong-s3cret@127.0.0.1:${server.port}`;
    const before = performance.now();
    const error = (await workThrough({ url, namespace: "acl" }).catch((reason) => reason)) as Error;
    expect(performance.now() - before).toBeLessThan(4_000);
    expect(error).toMatchObject({ code: "store-unavailable", retryable: false });
    expect(error.message).toContain("refuses user and password");
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("s3cret");
  });
});

describe("the look at the server", () => {
  it("warns once of a policy that throws journals away", async () => {
    const warnings: string[] = [];
    const options = { url: server.url, namespace: "evict", onWarning: (text: string) => warnings.push(text) };
    await workThrough(options);
    expect(warnings).toEqual([]);
    await admin.config("SET", "maxmemory-policy", "volatile-lru");
    await workThrough(options);
    await admin.config("SET", "maxmemory-policy", "noeviction");
    expect(warnings).toEqual([expect.stringContaining("maxmemory-policy volatile-lru")]);
  });

  it("says that the server is full, and that nothing was written", async () => {
    const store = redisStore({ url: server.url, namespace: "full" });
    const journal = await store.open("a");
    const lease = await journal.lease("transfer", 60_000);
    await admin.config("SET", "maxmemory", "1");
    await expect(journal.append([1], lease)).rejects.toMatchObject({
      code: "store-unavailable",
      outcome: "not-applied",
      message: expect.stringContaining("out of memory"),
    });
    await admin.config("SET", "maxmemory", "0");
    expect((await journal.read()).entries).toEqual([]);
    await store.close();
  });
});

describe("replicas", () => {
  it("waits for them where asked to, and says when they do not have the entries", async () => {
    const replica = await startRedis(["--replicaof", "127.0.0.1", String(server.port)]);
    const options = { url: server.url, namespace: "wait", wait: { replicas: 1, timeout: 5_000 } };
    expect(redisStore(options).durability).toBe("replicated");
    const store = redisStore(options);
    const journal = await store.open("a");
    const lease = await journal.lease("transfer", 60_000);
    await journal.append(["planned"], lease);
    const onReplica = new Redis(replica.url);
    expect(await onReplica.lrange("{wait:a}:entries", 0, -1)).toEqual(['"planned"']);
    onReplica.disconnect();
    await store.close();
    await replica.stop();

    const alone = redisStore({ ...options, wait: { replicas: 1, timeout: 50 } });
    const later = await alone.open("a");
    const next = await later.lease("member/a", 60_000);
    const unsure = { code: "store-unavailable", outcome: "unknown", retryable: true };
    await expect(later.append(["opened"], next)).rejects.toMatchObject(unsure);
    await expect(later.append(["opened"], next)).rejects.toMatchObject(unsure);
    await later.append(["receipt"], next, { ordered: false });
    expect((await later.read()).entries).toEqual(["planned", "opened", "receipt"]);
    await alone.close();
  });
});

describe("TLS", () => {
  it("connects by rediss:// with a CA of one's own, and to no stranger", async () => {
    const directory = await mkdtemp(join(tmpdir(), "partwise-tls-"));
    const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
    const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-keyout",
        key,
        "-out",
        cert,
        ...subject,
      ],
      { stdio: "ignore" },
    );
    const tlsPort = await startRedis().then(async (probe) => {
      await probe.stop();
      return probe.port;
    });
    const secure = await startRedis([
      ...["--tls-port", String(tlsPort), "--tls-cert-file", cert, "--tls-key-file", key],
      ...["--tls-ca-cert-file", cert, "--tls-auth-clients", "no"],
    ]);
    const url = `rediss://127.0.0.1:${tlsPort}`;
    const ca = await readFile(cert, "utf8");
    expect((await workThrough({ url, tls: { ca } })).length).toBe(1_200);
    await expect(workThrough({ url, commandTimeout: 500 })).rejects.toMatchObject({
      code: "store-unavailable",
      message: expect.stringContaining("certificate"),
    });
    await secure.stop();
    await rm(directory, { recursive: true });
  });
});
