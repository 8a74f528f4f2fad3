import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type OwnRedisServer, startRedis } from "../../redis-store/test/helpers/redis-server.js";
import { runHere } from "./helpers/here.js";
import { KiB, until, World } from "./helpers/world.js";

let world: World;
let redis: OwnRedisServer;
const password = "open-sesame";
const day = 86_400_000;
/** How far the remote's clock is ahead. */
let shift = 0;
beforeAll(async () => {
  [world, redis] = await Promise.all([
    World.create({ now: () => Date.now() + shift }),
    startRedis(["--requirepass", password]),
  ]);
});
afterEach(() => {
  shift = 0;
  world.emulator.faults.clear();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await redis.stop();
});

const partSize = 128 * KiB;
const here = (argv: readonly string[], env: Record<string, string> = {}) =>
  runHere(argv, { ...world.env, ...env });
const url = (secret = password) => `redis://:${secret}@127.0.0.1:${redis.port}/0`;
const small = ["--part-size", "128k", "--threshold", "512k", "--concurrency", "2"];

/** Sends a file until `parts` parts are stored, then gives up, as after an outage. */
async function halfWay(file: string, key: string, parts: number, store: string): Promise<void> {
  world.emulator.faults.add({
    when: { operation: "UploadPart", key },
    after: parts,
    times: "always",
    fault: { kind: "status", status: 503 },
  });
  const upload = ["upload", file, `oss://demo/${key}`, ...small, "--give-up-after", "1ms", "--store", store];
  expect((await here(upload)).code).toBe(5);
  world.emulator.faults.clear();
}

describe("a store in Redis", () => {
  it("serves upload, list and discard", async () => {
    await halfWay(world.file(10 * partSize), "in-redis", 4, url());
    const listed = await here(["list"], { PARTWISE_STORE: url() });
    expect(listed.stdout).toMatch(/oss:\/\/demo\/in-redis +sending +40 %/);
    expect((await here(["list"])).stdout).toBe("");
    const discarded = await here(["discard", "oss://demo/in-redis", "--store", url()]);
    expect(discarded).toMatchObject({ code: 0, stdout: expect.stringContaining("1 unfinished upload") });
    expect((await here(["list", "--store", url()])).stderr).toBe(
      `no transfers in redis:127.0.0.1:${redis.port}/0#partwise\n`,
    );
  });

  it.each([
    ["a wrong password", () => ["list", "--store", url("s3cret-word")], 1],
    ["a server that is not there", () => ["list", "--store", "redis://:s3cret-word@127.0.0.1:1"], 1],
    ["a URL that cannot be read", () => ["list", "--store", "redis://:s3cret-word@host:port"], 2],
    ["another scheme", () => ["list", "--store", "postgres://me:s3cret-word@host/db"], 2],
    ["a mistyped option", () => ["list", `--stroe=${url("s3cret-word")}`], 2],
    ["a short password, repeated", () => ["list", "--stroe=redis://me:s3cret@host"], 2],
    ["a slash in a password", () => ["list", "--stroe=redis://:s3cret/word@host"], 2],
    ["a second argument", () => ["transfers", "move", "x", "y", "--to", url("s3cret-word")], 2],
  ] as const)("tells of %s in one line, without the password", async (_, argv, status) => {
    const { code, stdout, stderr } = await here([...argv(), "--json"], { PARTWISE_DEBUG: "1" });
    expect(code).toBe(status);
    expect(stderr).toMatch(/^partwise: [^\n]+\n/);
    expect(stderr + stdout).not.toContain("s3cret");
  });
});

it("list --watch shows from another process what goes on, and leaves with 0 at Ctrl-C", async () => {
  world.emulator.setNetwork({ requestLatency: 300 });
  const upload = world.start([
    "upload",
    world.file(30 * partSize),
    "oss://demo/watched",
    ...small,
    "--store",
    url(),
  ]);
  const watching = world.start(["list", "--watch", "--store", url()]);
  await until(() => /sending {2}[1-9]\d? %.* on /.test(watching.stdout()));
  expect(await upload.ended).toBe(0);
  await until(() => /oss:\/\/demo\/watched {2}sealed {2}100 %/.test(watching.stdout()));
  watching.child.kill("SIGINT");
  expect(await watching.ended).toBe(0);
  expect(watching.stderr()).toBe("");
  world.emulator.setNetwork({});
});

describe("transfers move", () => {
  it("takes a transfer from a directory to Redis, where the upload goes on", async () => {
    const file = world.file(10 * partSize);
    await halfWay(file, "moved", 4, world.env.PARTWISE_STORE!);
    const moved = await here(["transfers", "move", "oss://demo/moved", "--to", url()]);
    expect(moved).toMatchObject({
      code: 0,
      stdout: `moved oss://demo/moved  4 of 10 parts stored  to redis:127.0.0.1:${redis.port}/0#partwise\n`,
    });
    expect((await here(["list"])).stdout).toBe("");
    const { code } = await here(["upload", file, "oss://demo/moved", ...small, "--store", url()]);
    expect(code).toBe(0);
    expect(world.acknowledged("moved").sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await world.holds("moved", readFileSync(file))).toBe(true);
  });

  it("and back, by its id", async () => {
    const directory = world.fresh("store");
    await halfWay(world.file(10 * partSize), "back", 4, url());
    const [summary] = (await here(["list", "--json", "--store", url()])).events();
    const argv = ["transfers", "move", String(summary?.id).slice(0, 9), "--from", url(), "--to", directory];
    const { code, events } = await here([...argv, "--json"]);
    expect({ code, moved: events()[0] }).toMatchObject({
      code: 0,
      moved: { type: "transfer.moved", target: "oss://demo/back", storedParts: 4, to: `fs:${directory}` },
    });
    expect((await here(["list", "--store", directory])).stdout).toContain("oss://demo/back");
    const again = await here(argv);
    expect(again).toMatchObject({ code: 4, stderr: expect.stringContaining("No transfer in the store") });
  });

  it("refuses what makes no sense", async () => {
    const store = world.fresh("store");
    const same = await here(["transfers", "move", "x", "--from", store, "--to", store]);
    expect(same).toMatchObject({ code: 2, stderr: expect.stringContaining("the same store") });
    expect((await here(["transfers", "move", "x"])).code).toBe(2);
    expect((await here(["transfers"])).code).toBe(2);
    expect((await here(["transfers", "move", "x", "--to", ""])).code).toBe(2);
    expect((await here(["transfers", "move", "oss://demo/none", "--to", url()])).code).toBe(4);
  });
});

describe("sweep", () => {
  it("tells of old sessions no journal names, and aborts them only with --yes", async () => {
    const week = world.fresh("week");
    const argv = ["sweep", "oss://demo/swept/", "--store", week];
    const orphans = world.fresh("orphans");
    await halfWay(world.file(10 * partSize), "swept/orphan", 3, orphans);
    await halfWay(world.file(10 * partSize), "swept/known", 4, week);
    await halfWay(world.file(10 * partSize), "elsewhere", 4, orphans);
    shift = 8 * day;
    await halfWay(world.file(10 * partSize), "swept/young", 4, orphans);

    const left = () => world.emulator.sessions("demo").map(({ key }) => key);
    const everything = ["swept/orphan", "swept/known", "elsewhere", "swept/young"];
    const told = await here(argv);
    expect(told).toMatchObject({ code: 0, stderr: "" });
    expect(told.stdout).toMatch(
      /^oss:\/\/demo\/swept\/orphan {2}8 d old {2}393\.2 kB {2}\S+\n1 unfinished upload, 393\.2 kB: nothing was aborted; --yes does\n$/,
    );
    expect(left()).toEqual(expect.arrayContaining(everything));

    const aborted = await here([...argv, "--yes", "--json", "--older-than", "1d"]);
    expect(aborted.events()).toMatchObject([
      { type: "session.found", key: "swept/orphan", bytes: 3 * partSize, aborted: true },
      { type: "sweep.completed", sessions: 1, bytes: 3 * partSize, aborted: true },
    ]);
    expect(left()).not.toContain("swept/orphan");
    expect(left()).toEqual(expect.arrayContaining(everything.slice(1)));
    expect((await here(argv)).stdout).toBe("no unfinished uploads that are that old and in no journal\n");
  });

  it.each([
    [["sweep"]],
    [["sweep", "demo"]],
    [["sweep", "https://host/bucket?Signature=s3cret"]],
    [["sweep", "oss://id:s3cret@demo/x"]],
    [["sweep", "oss://demo", "--older-than", "7"]],
    [["sweep", "oss://demo", "--older-than", "59m"]],
  ])("refuses %j", async (argv) => {
    const { code, stdout, stderr } = await here(argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^partwise: [^\n]+\n$/);
    expect(stderr).not.toContain("s3cret");
  });
});
