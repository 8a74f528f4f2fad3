import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@partwise/core";
import { ossTransport } from "@partwise/oss-adapter";
import { afterEach, beforeEach, expect, test } from "vitest";
import { redisForTests } from "../packages/redis-store/test/helpers/redis-server.js";
import { makeWorld } from "./00-run.js";
import { run as uploadAFile } from "./01-upload-a-file.js";
import { run as progressBar } from "./02-progress-bar.js";
import { run as pauseAndGoOn } from "./03-pause-and-go-on.js";
import { run as chooseAStore } from "./04-choose-a-store.js";
import { run as handleErrors } from "./05-handle-errors.js";
import { run as wrapATransport } from "./06-wrap-a-transport.js";
import { run as crew } from "./07-crew.js";
import { run as likeOss2 } from "./08-like-oss2.js";
import { run as sweep } from "./09-sweep.js";

const size = 32 * 1024 * 1024;
const key = "rushes/day-12.mov";

let printed: string[];
/** How far the emulator's clock is behind, in milliseconds. */
let behind: number;
let world: Awaited<ReturnType<typeof makeWorld>>;
beforeEach(async () => {
  printed = [];
  behind = 0;
  world = await makeWorld(
    (line) => printed.push(line),
    () => Date.now() - behind,
  );
});
afterEach(() => world.close());

/** How often each part was sent. */
function sendings(): number[] {
  const puts = world.emulator.log.filter((each) => each.operation === "UploadPart");
  const counts = new Map<number, number>();
  for (const { partNumber = 0 } of puts) counts.set(partNumber, (counts.get(partNumber) ?? 0) + 1);
  return [...counts.values()];
}

async function expectWholeObject(): Promise<void> {
  const object = await world.emulator.getObject("demo", key);
  expect(object?.size).toBe(size);
  expect(readFileSync(object?.path ?? "").equals(readFileSync(world.file))).toBe(true);
}

test("01 uploads a file, and finds it there when run again", async () => {
  const first = await uploadAFile(world);
  expect(first).toMatchObject({ outcome: "sent", size, sentBytes: size, location: `oss://demo/${key}` });
  await expectWholeObject();
  const object = await world.emulator.getObject("demo", key);
  expect(object?.headers).toMatchObject({ "content-type": "video/quicktime", "x-oss-meta-camera": "B" });
  expect(await uploadAFile(world)).toMatchObject({ outcome: "found", sentBytes: 0, tag: first.tag });
});

test("02 draws a bar that only grows, to its end", async () => {
  await progressBar(world);
  const filled = printed.map((line) => line.indexOf("."));
  const grown = filled.map((at) => (at === -1 || at > 20 ? 20 : at));
  expect(grown).toEqual([...grown].sort((a, b) => a - b));
  expect(printed).toHaveLength(32);
  expect(printed.at(-1)).toMatch(/^#{20} \d+ MB\/s, 0 s left$/);
});

test("03 pauses and goes on, sending no part twice", async () => {
  const result = await pauseAndGoOn(world);
  expect(printed).toEqual(["paused"]);
  expect(result.resumedBytes).toBeGreaterThan(0);
  expect(result.sentBytes + result.resumedBytes).toBe(size);
  expect(sendings()).toEqual(Array.from({ length: 32 }, () => 1));
  await expectWholeObject();
});

test("04 keeps its journal where the environment says", async () => {
  await chooseAStore(world, {});
  await chooseAStore(world, { PARTWISE_STORE: world.directory });
  const redis = await redisForTests();
  try {
    await chooseAStore(world, { REDIS_URL: redis.url });
  } finally {
    await redis.stop();
  }
  expect(printed[0]).toBe("memory: reach process, durability none");
  expect(printed[1]).toMatch(`fs:${world.directory}: reach `);
  expect(printed[2]).toMatch(/^redis:.*: reach network, durability process-crash$/);
  await expectWholeObject();
});

test("05 says who must act", async () => {
  const said = await handleErrors(world);
  expect(said).toMatch(/^yours to mend \(source-unreadable\): .*day-12\.mov\.missing/);
});

test("06 counts the bytes of parts", async () => {
  expect(await wrapATransport(world)).toBe(size);
});

test("07 shares one file between two members", async () => {
  const [one, other] = await crew(world);
  expect(one?.tag).toBe(other?.tag);
  expect((one?.sentBytes ?? 0) + (other?.sentBytes ?? 0)).toBe(size);
  expect(sendings()).toEqual(Array.from({ length: 32 }, () => 1));
  await expectWholeObject();
});

test("08 uploads as oss2 does", async () => {
  const { etag, crc64 } = await likeOss2(world);
  const object = await world.emulator.getObject("demo", key);
  expect([etag, crc64]).toEqual([object?.etag, object?.crc64]);
  expect(object?.headers["x-oss-meta-camera"]).toBe("B");
  expect(printed.at(-1)).toBe(`${size} of ${size}`);
  await expectWholeObject();
});

test("09 tells of unfinished uploads that nobody knows, and ends them when told to", async () => {
  behind = 30 * 3_600_000;
  const clock = { ...systemClock, now: () => Date.now() - behind };
  const transport = ossTransport({ ...world.oss, clock });
  const { session } = await transport.openSession({ key }, { signal: new AbortController().signal });
  await transport.close();
  behind = 0;
  const orphan = { key, session: session.id, location: `oss://demo/${key}`, bytes: 0 };
  expect(await sweep(world)).toEqual([expect.objectContaining({ ...orphan, aborted: false })]);
  expect(printed).toEqual([`oss://demo/${key}: 0 bytes, 30 h old`]);
  expect(world.emulator.sessions("demo")).toHaveLength(1);
  expect(await sweep(world, true)).toEqual([expect.objectContaining({ ...orphan, aborted: true })]);
  expect(world.emulator.sessions("demo")).toEqual([]);
  expect(await sweep(world)).toEqual([]);
});

test("every example is in the tests, and short", async () => {
  const here = import.meta.dirname;
  const tests = readFileSync(join(here, "examples.test.ts"), "utf8");
  const names = (await readdir(here)).filter((name) => /^0[1-9]-.*\.ts$/.test(name));
  expect(names).toHaveLength(9);
  for (const name of names) {
    expect(tests).toContain(`from "./${name.replace(/\.ts$/, ".js")}"`);
    expect(readFileSync(join(here, name), "utf8").trimEnd().split("\n").length, name).toBeLessThanOrEqual(25);
  }
});
