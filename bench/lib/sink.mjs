// The sink: built from C, started on a free port, asked for its counts.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, start } from "./exec.mjs";
import { bench, cache } from "./paths.mjs";

export async function buildSink() {
  const folder = join(bench, "sink");
  const bin = join(cache, "bin");
  mkdirSync(bin, { recursive: true });
  const names = readdirSync(folder);
  const newest = Math.max(...names.map((name) => statSync(join(folder, name)).mtimeMs));
  const isNew = (name) => {
    try {
      return statSync(join(bin, name)).mtimeMs > newest;
    } catch {
      return false;
    }
  };
  if (isNew("sink") && isNew("measure")) return;
  const flags = ["-O2", "-Wall", "-Wextra", "-Wno-missing-field-initializers", "-Werror"];
  const sources = names.filter((name) => name.endsWith(".c") && name !== "measure.c");
  const libraries = ["-lssl", "-lcrypto", "-lpthread"];
  try {
    await run("cc", [...flags, "-o", join(bin, "sink"), ...sources, ...libraries], { cwd: folder });
  } catch (error) {
    throw new Error(`the sink cannot be built; on Debian: apt-get install gcc libssl-dev. ${error.message}`);
  }
  await run("cc", [...flags, "-o", join(bin, "measure"), "measure.c"], { cwd: folder });
}

/** Command line of a sink. Rates are bytes per second, `rtt` milliseconds, `reset` and `busy` probabilities. */
function flagsOf({ crc = true, perConnection, total, rtt, reset, busy, seed }) {
  const flags = crc ? ["-C"] : [];
  for (const [flag, value] of Object.entries({
    r: perConnection,
    R: total,
    l: rtt,
    d: reset,
    e: busy,
    s: seed,
  })) {
    if (value !== undefined) flags.push(`-${flag}`, String(value));
  }
  return flags;
}

let certificates = 0;

/** Starts a sink: `endpoint`, `env` for clients to trust it, `stats()`, `reset()`, `stop()`. */
export async function startSink(options = {}) {
  const flags = flagsOf(options);
  const certificate = join(tmpdir(), `partwise-bench-${process.pid}-${certificates++}.pem`);
  const args = options.tls ? [...flags, "-T", certificate] : flags;
  const child = start(join(cache, "bin/sink"), args, { timeout: 2 ** 31 - 1 });
  const port = await new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (data) => {
      text += data;
      if (text.includes("\n")) resolve(JSON.parse(text).port);
    });
    child.ended.then((end) => reject(new Error(`the sink did not start: ${end.stderr || end.error}`)));
  });
  const endpoint = `${options.tls ? "https" : "http"}://127.0.0.1:${port}`;
  const ca = options.tls ? readFileSync(certificate) : undefined;
  const agent = new (options.tls ? https : http).Agent({ keepAlive: true, ca });
  const ask = (method) =>
    new Promise((resolve, reject) => {
      const request = (options.tls ? https : http).request(
        `${endpoint}/__stats`,
        { method, agent },
        (answer) => {
          let text = "";
          answer.setEncoding("utf8").on("data", (data) => {
            text += data;
          });
          answer.once("end", () => resolve(text ? JSON.parse(text) : undefined));
        },
      );
      request.once("error", reject);
      request.end();
    });
  return {
    endpoint,
    flags: [...flags, ...(options.tls ? ["-T"] : [])].join(" "),
    // Each client's own way to trust a certificate; none of them skips the check.
    ca: options.tls ? certificate : undefined,
    env: options.tls
      ? { NODE_EXTRA_CA_CERTS: certificate, REQUESTS_CA_BUNDLE: certificate, SSL_CERT_FILE: certificate }
      : {},
    stats: () => ask("GET"),
    reset: () => ask("DELETE"),
    async stop() {
      agent.destroy();
      child.kill("SIGKILL");
      await child.ended;
      rmSync(certificate, { force: true });
    },
  };
}
