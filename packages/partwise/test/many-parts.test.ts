import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { KiB, until, World } from "./helpers/world.js";

const parts = 10_000;
const partSize = 100 * KiB;

let world: World;
beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world[Symbol.asyncDispose]());

/** The most memory a running process has had resident so far, in MiB. */
function peakMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

function sparse(size: number): string {
  const path = world.fresh("sparse.bin");
  writeFileSync(path, "a few bytes, then a hole");
  truncateSync(path, size);
  return path;
}

const upload = (file: string, key: string) => [
  ...["upload", file, `oss://demo/${key}`, "--json"],
  ...["--part-size", "100KiB", "--concurrency", "8"],
];

/** Runs to the end and looks at its memory all the while. */
async function watched(args: readonly string[]) {
  const run = world.start(args);
  let memory = 0;
  const look = setInterval(() => {
    try {
      // A process that has just ended shows no memory.
      memory = Math.max(memory, peakMemory(run.child.pid!) || 0);
    } catch {
      // It has just gone.
    }
  }, 20);
  const code = await run.ended;
  clearInterval(look);
  return { code, memory, last: run.events().at(-1) };
}

// The measure of memory is Linux's own; the rest holds everywhere.
const onLinux = process.platform === "linux";

it("10,000 parts survive a kill at the 5,000th: listed page by page, none sent twice, in constant memory", async () => {
  const few = await watched(upload(sparse(200 * partSize), "few"));
  expect(few.code).toBe(0);

  const file = sparse(parts * partSize);
  const first = world.start(upload(file, "many"));
  await until(() => world.acknowledged("many").length >= parts / 2);
  await first.kill();
  const before = new Set(world.acknowledged("many"));
  const logged = world.emulator.log.length;

  const second = await watched(upload(file, "many"));
  expect(second.code).toBe(0);
  const again = world.acknowledged("many", logged);
  expect(again.filter((number) => before.has(number))).toEqual([]);
  expect(new Set([...before, ...again]).size).toBe(parts);
  expect(
    world.requests("ListParts", "many").filter((each) => each.status === 200).length,
  ).toBeGreaterThanOrEqual(5);
  expect(second.last).toMatchObject({ type: "transfer.completed", size: statSync(file).size });
  if (onLinux) expect(second.memory - few.memory).toBeLessThan(100);
}, 120_000);
