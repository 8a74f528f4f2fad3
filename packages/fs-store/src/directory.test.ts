import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { defaultDirectory } from "./directory.js";

test("PARTWISE_STORE comes first, then XDG_STATE_HOME, then the home directory", () => {
  const home = join(homedir(), ".local", "state", "partwise");
  expect(defaultDirectory({ PARTWISE_STORE: "some/where", XDG_STATE_HOME: "/state" })).toBe(
    resolve("some/where"),
  );
  expect(defaultDirectory({ PARTWISE_STORE: "", XDG_STATE_HOME: resolve("/state") })).toBe(
    resolve("/state/partwise"),
  );
  expect(defaultDirectory({ XDG_STATE_HOME: "relative" })).toBe(home);
  expect(defaultDirectory({})).toBe(home);
});

test("an address is refused, and not repeated", () => {
  let message = "";
  try {
    defaultDirectory({ PARTWISE_STORE: "redis://user:hunter2@host" });
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toContain("PARTWISE_STORE");
  expect(message).not.toContain("hunter2");
});
