import { expect, test } from "vitest";
import { type FileSystem, modelFileSystem } from "./index.js";
import { traitsOf } from "./traits.js";

function typed(type: number | undefined, from = "/"): FileSystem {
  return {
    ...modelFileSystem(),
    typeOf(path) {
      if (path.length > from.length) throw Object.assign(new Error("ENOENT"), { code: "ENOENT" });
      return type;
    },
  };
}

test("a local disk keeps what was promised", () => {
  expect(traitsOf(typed(0xef53), "/a/b/c")).toEqual({ reach: "host", durability: "power-loss" });
  expect(traitsOf(typed(undefined), "/a")).toEqual({ reach: "host", durability: "power-loss" });
});

test("a network or FUSE file system lowers both, and says so", () => {
  // Node gives types with the highest bit set as they are or as negative numbers, by platform.
  for (const type of [0x6969, 0x65735546, 0xff534d42, 0xff534d42 | 0, 0x01021997]) {
    expect(traitsOf(typed(type), "/net/store")).toMatchObject({
      reach: "process",
      durability: "process-crash",
    });
  }
  expect(traitsOf(typed(0x6969), "/net/store").limited).toContain("NFS");
});

test("memory, or directories that cannot be synced, survive no power loss", () => {
  expect(traitsOf(typed(0x01021994), "/tmp")).toMatchObject({ reach: "host", durability: "process-crash" });
  expect(traitsOf({ ...typed(0xef53), syncsDirectories: false }, "/tmp")).toMatchObject({
    reach: "host",
    durability: "process-crash",
  });
});

test("what is not there yet lies where its parent lies", () => {
  expect(traitsOf(typed(0x6969, "/home"), "/home/not/yet").limited).toContain("NFS");
});
