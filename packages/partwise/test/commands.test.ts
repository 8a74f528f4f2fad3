import { chmodSync, copyFileSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { runHere } from "./helpers/here.js";
import { KiB, World } from "./helpers/world.js";

let world: World;
beforeAll(async () => {
  world = await World.create();
});
afterEach(() => world.emulator.faults.clear());
afterAll(() => world[Symbol.asyncDispose]());

const here = (argv: readonly string[], env: Record<string, string> = {}) =>
  runHere(argv, { ...world.env, ...env });
const partSize = 128 * KiB;
const small = ["--part-size", "128k", "--threshold", "512k", "--concurrency", "2"];

/** Sends a file until `parts` parts are stored, then gives up, as after an outage. */
async function halfWay(file: string, key: string, parts: number): Promise<void> {
  const broken = { kind: "status", status: 503, code: "ServiceUnavailable" } as const;
  world.emulator.faults.add({
    when: { operation: "UploadPart", key },
    after: parts,
    times: "always",
    fault: broken,
  });
  const { code } = await here([
    "upload",
    file,
    `oss://demo/${key}`,
    ...small,
    "--give-up-after",
    "1ms",
    "--quiet",
  ]);
  expect(code).toBe(5);
  world.emulator.faults.clear();
  expect(world.acknowledged(key)).toHaveLength(parts);
}

describe("upload", () => {
  it("sends a small file in one request and says so in one line", async () => {
    const file = world.file(1000);
    const { code, stdout, stderr } = await here(["upload", file, "oss://demo/dir/"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const key = `dir/${file.split("/").at(-1)}`;
    expect(stdout).toMatch(
      new RegExp(`^oss://demo/${key} {2}1\\.0 kB {2}crc64 \\d+ {2}etag [0-9A-F]{32} {2}sent 1\\.0 kB\\n$`),
    );
    expect(await world.holds(key, readFileSync(file))).toBe(true);
    expect(world.requests("PutObject", key)).toHaveLength(1);
  });

  it("makes an empty object of an empty file", async () => {
    const { code } = await here(["upload", world.file(0), "oss://demo/empty"]);
    expect(code).toBe(0);
    expect(await world.object("empty")).toHaveLength(0);
  });

  it("ends --json with the completed transfer", async () => {
    const file = world.file(1000 * KiB);
    const { events } = await here(["upload", file, "oss://demo/json", "--json", ...small]);
    const found = await world.emulator.getObject("demo", "json");
    expect(events().at(-1)).toMatchObject({
      type: "transfer.completed",
      key: "json",
      size: 1000 * KiB,
      etag: found?.etag,
      crc64: found?.crc64,
      sentBytes: 1000 * KiB,
      resumedBytes: 0,
    });
    expect(events().filter(({ type }) => type === "part.stored")).toHaveLength(8);
  });

  it("gives the object what it was asked to", async () => {
    const { code } = await here([
      ...[
        "upload",
        world.file(10),
        "oss://demo/dressed",
        "--meta",
        "who=me",
        "--header",
        "Cache-Control: no-cache",
      ],
      ...["--acl", "public-read", "--storage-class", "IA", "--content-type", "text/x-test"],
    ]);
    expect(code).toBe(0);
    const found = await world.emulator.getObject("demo", "dressed");
    expect(found).toMatchObject({
      acl: "public-read",
      headers: {
        "x-oss-meta-who": "me",
        "cache-control": "no-cache",
        "x-oss-storage-class": "IA",
        "content-type": "text/x-test",
      },
    });
  });

  it("signs with V1 when asked", async () => {
    expect((await here(["upload", world.file(10), "oss://demo/v1", "--signature", "v1"])).code).toBe(0);
  });
});

describe("goes on after an interruption", () => {
  it("with a touched file, sending nothing twice", async () => {
    const file = world.file(10 * partSize);
    await halfWay(file, "touched", 4);
    utimesSync(file, new Date(), new Date(Date.now() + 5000));
    const { code, events } = await here(["upload", file, "oss://demo/touched", "--json", ...small]);
    expect(code).toBe(0);
    expect(world.acknowledged("touched").sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(events().at(-1)).toMatchObject({ sentBytes: 6 * partSize, resumedBytes: 4 * partSize });
  });

  it("with the file copied elsewhere", async () => {
    const file = world.file(10 * partSize);
    await halfWay(file, "copied", 4);
    const copy = world.fresh("copy.bin");
    copyFileSync(file, copy);
    const { events } = await here(["upload", copy, "oss://demo/copied", "--json", ...small]);
    expect(events().at(-1)).toMatchObject({ sentBytes: 6 * partSize, resumedBytes: 4 * partSize });
    expect(await world.holds("copied", readFileSync(file))).toBe(true);
  });

  it("with one byte changed, sending exactly that part again", async () => {
    const file = world.file(10 * partSize);
    await halfWay(file, "changed", 4);
    const [changed = 0] = world.acknowledged("changed");
    const bytes = readFileSync(file);
    bytes[(changed - 1) * partSize + 77]! ^= 1;
    writeFileSync(file, bytes);
    const logged = world.emulator.log.length;
    const { code, events } = await here(["upload", file, "oss://demo/changed", "--json", ...small]);
    expect(code).toBe(0);
    const again = world.acknowledged("changed", logged);
    expect(again).toHaveLength(7);
    expect(again).toContain(changed);
    expect(events().filter(({ type, same }) => type === "part.proven" && !same)).toMatchObject([
      { number: changed },
    ]);
    expect(await world.holds("changed", bytes)).toBe(true);
  });

  it("and refuses another file of another size, until --restart", async () => {
    await halfWay(world.file(10 * partSize), "other", 4);
    const other = world.file(9 * partSize);
    const refused = await here(["upload", other, "oss://demo/other", ...small]);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(/^partwise: [^\n]+\n$/);
    const restarted = await here(["upload", other, "oss://demo/other", "--restart", ...small]);
    expect(restarted.code).toBe(0);
    expect(restarted.stderr).toContain("starting anew");
    expect(await world.holds("other", readFileSync(other))).toBe(true);
    expect(world.emulator.sessions("demo").filter(({ key }) => key === "other")).toEqual([]);
  });

  it("and shows it in list, and forgets it with discard", async () => {
    const env = { PARTWISE_STORE: world.fresh("store") };
    const broken = { kind: "status", status: 503 } as const;
    world.emulator.faults.add({
      when: { operation: "UploadPart" },
      after: 5,
      times: "always",
      fault: broken,
    });
    await here(
      ["upload", world.file(10 * partSize), "oss://demo/listed", ...small, "--give-up-after", "1ms"],
      env,
    );
    world.emulator.faults.clear();
    const listed = await here(["list"], env);
    expect(listed.stdout.split("\n")[1]).toMatch(
      /oss:\/\/demo\/listed +sending +50 % +1\.3 MB +\d+ m?s ago$/,
    );
    const [summary] = (await here(["list", "--json"], env)).events();
    const discarded = await here(["discard", String(summary?.id).slice(0, 8)], env);
    expect(discarded).toMatchObject({
      code: 0,
      stdout: "discarded oss://demo/listed  1 unfinished upload aborted\n",
    });
    expect(world.emulator.sessions("demo").filter(({ key }) => key === "listed")).toEqual([]);
    expect((await here(["list"], env)).stdout).toBe("");
    expect((await here(["discard", "oss://demo/listed"], env)).code).toBe(4);
  });
});

describe("bad input ends with its own status and one line", () => {
  const cases: [string, number, () => string[], Record<string, string>?][] = [
    ["a missing file", 3, () => [world.fresh("missing"), "oss://demo/k"]],
    ["a directory", 3, () => [world.folder, "oss://demo/k"]],
    ["a key that begins with /", 2, () => [world.file(1), "oss://demo//k"]],
    ["a key that begins with \\", 2, () => [world.file(1), "oss://demo/\\k"]],
    ["a key of 1024 bytes", 2, () => [world.file(1), `oss://demo/${"k".repeat(1024)}`]],
    ["no such bucket name", 2, () => [world.file(1), "oss://De_mo/k"]],
    [
      "a part size below 100 KiB",
      2,
      () => [world.file(600 * KiB), "oss://demo/k", ...small, "--part-size", "99k"],
    ],
    [
      "a part size above 5 GiB",
      2,
      () => [world.file(600 * KiB), "oss://demo/k", ...small, "--part-size", "6g"],
    ],
    ["too many at once", 2, () => [world.file(1), "oss://demo/k", "--concurrency", "5000"]],
    ["a header nobody knows where to put", 2, () => [world.file(1), "oss://demo/k", "--header", "Host: x"]],
    ["a bad endpoint", 2, () => [world.file(1), "oss://demo/k", "--endpoint", "http://"]],
    ["no credentials", 2, () => [world.file(1), "oss://demo/k"], { OSS_ACCESS_KEY_ID: "" }],
    ["a wrong secret", 4, () => [world.file(1), "oss://demo/k"], { OSS_ACCESS_KEY_SECRET: "not-the-secret" }],
    ["no such bucket", 4, () => [world.file(1), "oss://nobody/k"]],
    ["a store that is a file", 1, () => [world.file(1), "oss://demo/k", "--store", world.file(1)]],
  ];

  it.each(cases)("%s", async (_, status, args, env) => {
    const { code, stdout, stderr } = await here(["upload", ...args()], env);
    expect(stderr).toMatch(/^partwise: [^\n]+\n$/);
    expect({ code, stdout, stderr }).toMatchObject({ code: status, stdout: "" });
    expect(stderr).not.toMatch(/emulator-secret|not-the-secret/);
    expect(await world.object("k")).toBeUndefined();
  });

  it("an object that is there and must not be replaced", async () => {
    await here(["upload", world.file(1), "oss://demo/once"]);
    const { code, events } = await here([
      "upload",
      world.file(2),
      "oss://demo/once",
      "--forbid-overwrite",
      "--json",
    ]);
    expect(code).toBe(4);
    expect(events().at(-1)).toMatchObject({ type: "error", code: "already-exists", exitCode: 4 });
    expect(await world.object("once")).toHaveLength(1);
  });

  // Root may write everywhere.
  it.skipIf(process.getuid?.() === 0)("a store that may not be written to", async () => {
    const store = world.fresh("store");
    mkdirSync(store);
    chmodSync(store, 0o500);
    const { code, stderr } = await here([
      "upload",
      world.file(600 * KiB),
      "oss://demo/k",
      ...small,
      "--store",
      store,
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^partwise: [^\n]+\n$/);
  });
});
