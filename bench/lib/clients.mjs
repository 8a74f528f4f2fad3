// How each client's driver is started. All take one JSON argument and print one line of JSON.
import { join } from "node:path";
import { bench, cache } from "./paths.mjs";

const driver = (name) => join(bench, "clients", name);

const commands = {
  partwise: [process.execPath, join(cache, "partwise/partwise.mjs")],
  curl: [process.execPath, driver("curl.mjs")],
  "ali-oss": [process.execPath, driver("ali-oss.mjs")],
  "lib-storage": [process.execPath, driver("lib-storage.mjs")],
  oss2: [join(cache, "py-oss2/bin/python"), driver("client_oss2.py")],
  "oss-python-v2": [join(cache, "py-alibabacloud-oss-v2/bin/python"), driver("client_oss_v2.py")],
  "oss-go-v2": [join(cache, "bin/go-sdk")],
};

export const clientNames = Object.keys(commands);

/** What each client's own defaults are, for the tables. */
export const defaults = {
  partwise: "auto",
  "ali-oss": "5 × 1 MiB",
  "lib-storage": "4 × 5 MiB",
  oss2: "1 × 10 MiB",
  "oss-python-v2": "3 × 6 MiB",
  "oss-go-v2": "3 × 6 MiB",
};

/** `[command, arguments]` of a driver with this configuration. */
export function commandOf(client, config) {
  const [command, ...args] = commands[client];
  return [command, [...args, JSON.stringify(config)]];
}
