import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KiB, until, World } from "./helpers/world.js";

let world: World;
beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world[Symbol.asyncDispose]());

const partSize = 128 * KiB;
const upload = (file: string, key: string) => [
  ...["upload", file, `oss://demo/${key}`],
  ...["--part-size", "128k", "--threshold", "512k", "--concurrency", "2"],
];

/** A run that stands still after five parts. */
async function stuck(file: string, key: string) {
  const rule = world.emulator.faults.add({
    when: { operation: "UploadPart", key },
    after: 5,
    times: "always",
    fault: { kind: "stall", where: "before-body" },
  });
  const run = world.start(upload(file, key));
  await rule.whenFired(2);
  await until(() => world.acknowledged(key).length === 5);
  // The answer has left; the program has taken it when it tells of it.
  await run.says(/^50 %/m);
  return { run, rule };
}

describe("signals", () => {
  it("each pause with 5, and the same command goes on", async () => {
    const pauseAndGoOn = async (signal: NodeJS.Signals) => {
      const file = world.file(10 * partSize);
      const { run, rule } = await stuck(file, signal);
      const sent = performance.now();
      run.child.kill(signal);
      expect(await run.ended).toBe(5);
      // Attempts get a grace of two seconds; the rest is for a busy machine.
      expect(performance.now() - sent).toBeLessThan(10_000);
      expect(run.stderr()).toMatch(/\npartwise: paused at 50 %, .*; run the same command again to go on\n$/);
      rule.remove();
      const next = await world.run([...upload(file, signal), "--json"]);
      expect(next.events().at(-1)).toMatchObject({ sentBytes: 5 * partSize, resumedBytes: 5 * partSize });
      expect(await world.holds(signal, readFileSync(file))).toBe(true);
    };
    await Promise.all([pauseAndGoOn("SIGINT"), pauseAndGoOn("SIGTERM"), pauseAndGoOn("SIGHUP")]);
  });

  it("twice leaves at once with 5", async () => {
    const { run } = await stuck(world.file(10 * partSize), "twice");
    run.child.kill("SIGINT");
    await run.says(/pausing; once more leaves at once/);
    run.child.kill("SIGINT");
    expect(await run.ended).toBe(5);
    expect(run.stderr()).toMatch(/\npartwise: left at once; run the same command again to go on\n$/);
  });
});

it("a second process is refused with 6 while the first one runs, and told by whom", async () => {
  const file = world.file(10 * partSize);
  const { run: first, rule } = await stuck(file, "held");
  const second = await world.run(upload(file, "held"));
  expect(second.code).toBe(6);
  expect(second.stderr).toContain(String(first.child.pid));
  expect(second.stderr).toMatch(/^partwise: [^\n]+\n$/);
  await first.kill();
  rule.remove();
  // The dead process's hold is gone at once.
  expect((await world.run(upload(file, "held"))).code).toBe(0);
});

it("a closed pipe ends the talking, not the upload", async () => {
  const file = world.file(10 * partSize);
  const run = world.start([...upload(file, "deaf"), "--json"]);
  run.child.stdout?.destroy();
  run.child.stderr?.destroy();
  expect(await run.ended).toBe(0);
  expect(await world.holds("deaf", readFileSync(file))).toBe(true);
});
