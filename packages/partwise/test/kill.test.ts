import { readFileSync } from "node:fs";
import type { Fault } from "@partwise/oss-emulator";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { KiB, until, World } from "./helpers/world.js";

let world: World;
beforeAll(async () => {
  world = await World.create();
});
afterEach(() => world.emulator.faults.clear());
afterAll(() => world[Symbol.asyncDispose]());

const parts = 24;
const partSize = 128 * KiB;
const short = 1000;
const size = parts * partSize - short;
const upload = (file: string, key: string) => [
  ...["upload", file, `oss://demo/${key}`, "--json"],
  ...["--part-size", "128k", "--threshold", "1M", "--concurrency", "3"],
];

interface Moment {
  readonly name: string;
  readonly operation: string;
  /** So many requests pass, every later one stands still. */
  readonly after: number;
  readonly fault: Fault;
}

const unread: Fault = { kind: "stall", where: "before-body" };
const inside: Fault = { kind: "stall", where: "mid-body", afterBytes: 50_000 };
const unanswered: Fault = { kind: "stall", where: "answer" };

const moments: readonly Moment[] = [
  {
    name: "when the session is open and its id never arrived",
    operation: "InitiateMultipartUpload",
    after: 0,
    fault: unanswered,
  },
  { name: "before the first part", operation: "UploadPart", after: 0, fault: unread },
  { name: "inside parts, half-way", operation: "UploadPart", after: 12, fault: inside },
  {
    name: "when parts are stored and their answers missing",
    operation: "UploadPart",
    after: 12,
    fault: unanswered,
  },
  { name: "near the end", operation: "UploadPart", after: 23, fault: unread },
  { name: "before the object is completed", operation: "CompleteMultipartUpload", after: 0, fault: unread },
  {
    name: "when the object is completed and the answer missing",
    operation: "CompleteMultipartUpload",
    after: 0,
    fault: unanswered,
  },
];

describe("a process killed with SIGKILL", () => {
  it.each(moments.map((moment) => [moment.name, moment] as const))(
    "%s, goes on with what is missing",
    async (name, { operation, after, fault }) => {
      const file = world.file(size);
      const key = name;
      const onParts = operation === "UploadPart";
      const rule = world.emulator.faults.add({ when: { operation, key }, after, times: "always", fault });
      const first = world.start(upload(file, key));
      await rule.whenFired(onParts ? Math.min(3, parts - after) : 1);
      await until(() => !onParts || world.acknowledged(key).length === after);
      await first.kill();
      expect(await first.ended).toBe("SIGKILL");
      const acknowledged = world.acknowledged(key);
      // The emulator keeps a part even when its answer never left.
      const stored = new Set(
        world.emulator
          .sessions()
          .find((each) => each.key === key)
          ?.parts.map((each) => each.partNumber),
      );
      const logged = world.emulator.log.length;

      world.emulator.faults.clear();
      const second = await world.run(upload(file, key));
      expect(second.stderr).toBe("");
      expect(second.code).toBe(0);

      const again = world.acknowledged(key, logged);
      expect(again.filter((number) => acknowledged.includes(number) || stored.has(number))).toEqual([]);
      expect(await world.holds(key, readFileSync(file))).toBe(true);
      const sentBytes = again.reduce(
        (sum, number) => sum + (number === parts ? partSize - short : partSize),
        0,
      );
      expect(second.events().at(-1)).toMatchObject({
        type: "transfer.completed",
        size,
        sentBytes,
        resumedBytes: size - sentBytes,
        crc64: expect.stringMatching(/^\d+$/),
      });
      // An answer that never arrived leaves one empty session, which nobody names.
      const left = world.emulator.sessions("demo").filter((each) => each.key === key);
      expect(left.map((each) => each.parts.length)).toEqual(
        operation === "InitiateMultipartUpload" ? [0] : [],
      );
    },
  );

  it("over and over again sends every part once", async () => {
    const file = world.file(size);
    const key = "killed over and over";
    for (let round = 0; round < 2; round += 1) {
      const done = world.acknowledged(key).length;
      const rule = world.emulator.faults.add({
        when: { operation: "UploadPart", key },
        after: 5,
        times: "always",
        fault: { kind: "stall", where: "before-body" },
      });
      const run = world.start(upload(file, key));
      await rule.whenFired(3);
      await until(() => world.acknowledged(key).length === done + 5);
      await run.kill();
      world.emulator.faults.clear();
    }
    const last = await world.run(upload(file, key));
    expect(last.code).toBe(0);
    expect(world.acknowledged(key).sort((a, b) => a - b)).toEqual(
      Array.from({ length: parts }, (_, i) => i + 1),
    );
    expect(last.events().at(-1)).toMatchObject({ resumedBytes: 10 * partSize });
    expect(await world.holds(key, readFileSync(file))).toBe(true);
  });
});
