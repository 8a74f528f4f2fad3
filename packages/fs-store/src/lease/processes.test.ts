import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { nodeProcesses } from "./processes.js";

const self = nodeProcesses.self();

test("we are not gone; a process that ended is", async () => {
  expect(nodeProcesses.isGone(self)).toBe(false);
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  const { start: _, ...ours } = self;
  expect(nodeProcesses.isGone({ ...ours, pid: child.pid as number })).toBe(true);
});

test("the dead of another boot are gone, whoever has their number now", () => {
  expect(nodeProcesses.isGone({ ...self, boot: "another" })).toBe(self.boot !== undefined);
});

test("a later process with the same number is not the one we look for", () => {
  expect(nodeProcesses.isGone({ ...self, start: "1" })).toBe(self.start !== undefined);
});

test("nothing is certain of other machines, other containers and nonsense", () => {
  const gone = { ...self, pid: 2 ** 22 + 1 };
  expect(nodeProcesses.isGone({ ...gone, host: "another", boot: "another" })).toBe(false);
  expect(nodeProcesses.isGone({ ...gone, space: "another" })).toBe(false);
  for (const pid of [0, -1, 1.5, Number.NaN]) expect(nodeProcesses.isGone({ ...self, pid })).toBe(false);
});
