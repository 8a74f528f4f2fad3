import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type OwnRedisServer, startRedis } from "../../redis-store/test/helpers/redis-server.js";
import { allBegan, type CrewJob, deathsOf, outlive, sameEnd, sentAgain, startCrew } from "./helpers/crew.js";
import { KiB, until, World } from "./helpers/world.js";

const MiB = 1024 * KiB;
const parts = 64;
const size = parts * MiB;

// A busy machine starts two dozen processes slowly.
vi.setConfig({ testTimeout: 120_000 });

let world: World;
let redis: OwnRedisServer;
let file: string;
const servers: OwnRedisServer[] = [];
beforeAll(async () => {
  [world, redis] = await Promise.all([World.create(), startRedis()]);
  file = world.file(size);
  // Slow enough that no member comes too late for its share.
  world.emulator.setNetwork({ requestLatency: 100 });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await Promise.all([redis, ...servers].map((each) => each.stop()));
});

/** A Redis to be treated badly. */
async function ownRedis(): Promise<OwnRedisServer> {
  const server = await startRedis();
  servers.push(server);
  return server;
}

const job = (key: string, more: Partial<CrewJob> = {}): CrewJob => ({
  ...{ file, key, store: redis.url, partSize: "1MiB", concurrency: 2, leaseTtl: "3s", members: 4, ...more },
});

describe("a crew of four processes over one Redis", () => {
  it("sends every part once, and all end with the same object", async () => {
    world.emulator.setNetwork({ requestLatency: 250 });
    const crew = startCrew(world, job("together", { leaseTtl: "30s" }));
    await allBegan(crew);
    world.emulator.setNetwork({ requestLatency: 100 });
    const { etag, crc64, sentBytes } = await sameEnd(crew);
    expect(world.acknowledged("together").sort((a, b) => a - b)).toEqual(
      Array.from({ length: parts }, (_, index) => index + 1),
    );
    expect(world.requests("UploadPart", "together")).toHaveLength(parts);
    for (const once of ["InitiateMultipartUpload", "CompleteMultipartUpload"])
      expect(world.requests(once, "together")).toHaveLength(1);
    expect(sentBytes.every((bytes) => bytes > 0)).toBe(true);
    expect(sentBytes.reduce((sum, bytes) => sum + bytes, 0)).toBe(size);
    expect(await world.emulator.getObject("demo", "together")).toMatchObject({ etag, crc64 });
    expect(await world.holds("together", readFileSync(file))).toBe(true);
  });
});

describe.concurrent("with kill -9 at random moments", () => {
  it.each([1, 2, 3])("a crew of four over Redis outlives two of its members (seed %i)", async (seed) => {
    await outlive(world, job(`four ${seed}`), parts, deathsOf(seed, 4, parts));
  });

  it("a crew of two on one directory outlives one of them", async () => {
    const [death] = deathsOf(1, 2, parts);
    await outlive(world, job("two", { members: 2, store: world.fresh("store") }), parts, [death!]);
  });
});

describe.concurrent("a Redis killed in the middle and empty afterwards", () => {
  /** Kills Redis when a third is acknowledged, and starts it again a second later. */
  async function loseRedis(redis: OwnRedisServer, key: string): Promise<readonly number[]> {
    await until(() => world.acknowledged(key).length >= parts / 3, 25);
    await redis.kill();
    const before = world.acknowledged(key);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await redis.start();
    return before;
  }

  it("costs a lone upload nothing", async () => {
    const redis = await ownRedis();
    const run = world.start([
      ...["upload", file, "oss://demo/alone", "--json", "--store", redis.url],
      ...["--part-size", "1MiB", "--concurrency", "2", "--lease-ttl", "3s"],
    ]);
    await loseRedis(redis, "alone");
    expect(await run.ended).toBe(0);
    const known = await world.run(["list", "--json", "--store", redis.url]);
    expect(known.events()).toMatchObject([{ state: "sealed", key: "alone" }]);
    expect(world.acknowledged("alone").sort((a, b) => a - b)).toEqual(
      Array.from({ length: parts }, (_, index) => index + 1),
    );
    expect(world.requests("InitiateMultipartUpload", "alone")).toHaveLength(1);
    expect(await world.holds("alone", readFileSync(file))).toBe(true);
  });

  it("costs a crew no part that the remote had", async () => {
    const redis = await ownRedis();
    const crew = startCrew(world, job("crew", { store: redis.url }));
    const before = await loseRedis(redis, "crew");
    await sameEnd(crew);
    const again = sentAgain(world, "crew");
    expect(again.filter((number) => before.includes(number))).toEqual([]);
    // Whoever came back first may have taken a batch that another had in flight when all leases were lost.
    expect(again.length).toBeLessThanOrEqual(4 * 2);
    expect(world.requests("InitiateMultipartUpload", "crew")).toHaveLength(1);
    expect(await world.holds("crew", readFileSync(file))).toBe(true);
  });
});

it("a transfer begun on a directory, killed, and moved to Redis is finished from there", async () => {
  const store = world.fresh("laptop");
  const upload = ["upload", file, "oss://demo/moved", "--part-size", "1MiB", "--concurrency", "2"];
  const rule = world.emulator.faults.add({
    when: { operation: "UploadPart", key: "moved" },
    after: 20,
    times: "always",
    fault: { kind: "stall", where: "before-body" },
  });
  const begun = world.start([...upload, "--store", store]);
  await rule.whenFired(2);
  await until(() => world.acknowledged("moved").length === 20);
  await begun.kill();
  rule.remove();
  const moved = await world.run([
    "transfers",
    "move",
    "oss://demo/moved",
    "--from",
    store,
    "--to",
    redis.url,
  ]);
  expect(moved).toMatchObject({ code: 0, stderr: "" });
  const { code, events } = await world.run([...upload, "--json", "--store", redis.url]);
  expect(code).toBe(0);
  expect(events().at(-1)).toMatchObject({ sentBytes: 44 * MiB, resumedBytes: 20 * MiB });
  expect(world.acknowledged("moved").sort((a, b) => a - b)).toEqual(
    Array.from({ length: parts }, (_, index) => index + 1),
  );
  expect(await world.holds("moved", readFileSync(file))).toBe(true);
});
