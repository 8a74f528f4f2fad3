// curl -T: one request for one file, or `-Z` for several. No checksum, no retry, no memory: the floor to compare with.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { smallFiles } from "./measure.mjs";

const config = JSON.parse(process.argv[2]);
const base = `${config.endpoint}/${config.bucket}`;
// With several connections curl sends a quarter of the size four times: it cannot cut one file.
const pairs = config.directory
  ? smallFiles(config).map((file) => [file.path, `${base}/${file.key}`])
  : config.pieces
    ? Array.from({ length: config.concurrency }, (_, i) => [config.pieces, `${base}/${config.key}.${i}`])
    : [[config.file, `${base}/${config.key}`]];
const directory = mkdtempSync(join(tmpdir(), "partwise-bench-curl-"));
const list = join(directory, "list");
writeFileSync(
  list,
  pairs.map(([path, url]) => `upload-file = "${path}"\nurl = "${url}"\noutput = "/dev/null"`).join("\n"),
);
const flags = ["-sS", "--fail", "-K", list];
if (pairs.length > 1) flags.push("-Z", "--parallel-immediate", "--parallel-max", String(config.concurrency));
if (config.ca) flags.push("--cacert", config.ca);
const child = spawn(join(config.cache, "bin/measure"), ["curl", ...flags], {
  stdio: ["ignore", "pipe", "pipe"],
});
let out = "";
let err = "";
child.stdout.on("data", (data) => {
  out += data;
});
child.stderr.on("data", (data) => {
  err += data;
});
process.once("SIGTERM", () => child.kill("SIGKILL"));
child.once("close", () => {
  rmSync(directory, { recursive: true, force: true });
  const { status, ...cost } = JSON.parse(out.trim().split("\n").at(-1) || '{"status":1}');
  const result =
    status === 0
      ? { ...cost, bytes: config.size * (config.count ?? 1) }
      : { error: `curl exit ${status}: ${err.trim().slice(0, 200)}` };
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(status === 0 ? 0 : 1));
});
