// Sends a real file to a local OSS with the real command line, kills it with SIGKILL part-way, and runs the same
// command again. Usage: npm run quickstart [-- FILE]; FILE is Node's own executable unless given.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ossTransport } from "@partwise/oss-adapter";

/** The first run is killed as soon as this share is acknowledged; at this pace that takes about two seconds. */
const killAt = 0.4;
const secondsForAll = 5;
const parts = 60;
const smallestPart = 100 * 1024;
const credentials = { accessKeyId: "quickstart-id", accessKeySecret: "quickstart-secret" };

const program = (path) => fileURLToPath(new URL(`../packages/${path}`, import.meta.url));
const bytes = (count) => (count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`);
const say = (label = "", text = "") => console.log(`${`  ${label}`.padEnd(16)}${text}`.trimEnd());
const title = (text) => console.log(`\n${text}`);

const folder = mkdtempSync(join(tmpdir(), "partwise-quickstart-"));
const children = new Set();

process.once("SIGINT", () => leave(130));
process.once("SIGTERM", () => leave(143));
try {
  await main(resolve(process.argv[2] ?? process.execPath));
  await leave(0);
} catch (error) {
  console.error(`\nquickstart: ${error.message}`);
  await leave(1);
}

async function main(file) {
  const size = sizeOf(file);
  const emulator = await startEmulator();
  await emulator.set("network", { totalBytesPerSecond: Math.ceil(size / secondsForAll) });
  const key = `quickstart/${basename(file)}`;
  title("A file, and an OSS of our own");
  say("file", `${file}  ${bytes(size)}`);
  say(
    "remote",
    `oss://demo/${key} at ${emulator.endpoint}, slowed to ${bytes(size / secondsForAll)} a second`,
  );

  const partSize = Math.max(smallestPart, Math.ceil(size / parts));
  const args = ["upload", file, "oss://demo/quickstart/", "--part-size", `${partSize}`, "--threshold", "0"];
  const env = {
    ...process.env,
    OSS_ENDPOINT: emulator.endpoint,
    OSS_REGION: emulator.region,
    OSS_ACCESS_KEY_ID: credentials.accessKeyId,
    OSS_ACCESS_KEY_SECRET: credentials.accessKeySecret,
    OSS_SESSION_TOKEN: "",
    PARTWISE_STORE: join(folder, "store"),
  };

  title("Run 1: partwise upload, until kill -9");
  const first = await upload(args, env, killAt);
  if (first.ended !== "SIGKILL") throw new Error(`run 1 ended with ${first.ended} before it could be killed`);
  const afterFirst = await emulator.parts(key);
  say("killed", `process ${first.pid} at ${percent(first.acknowledged, size)}`);
  say("acknowledged", account(afterFirst, size, partSize));

  await emulator.set("network", {});
  title("Run 2: the same command again, at full speed");
  const second = await upload(args, env);
  const { result } = second;
  if (second.ended !== 0 || !result) throw new Error(`run 2 ended with ${second.ended}`);
  const all = await emulator.parts(key);
  const sent = all.slice(afterFirst.length);
  say("found", `${bytes(result.resumedBytes)} at the remote, compared with the file, not sent again`);
  say("sent", account(sent, size, partSize));
  say("done", `crc64 ${result.crc64}, ${(second.ms / 1000).toFixed(1)} s`);

  title("The object, fetched back");
  const [ours, theirs] = await Promise.all([digestOf(createReadStream(file)), digestOf(emulator.read(key))]);
  say("file", `sha256 ${ours}`);
  say("object", `sha256 ${theirs}  ${ours === theirs ? "the same" : "DIFFERENT"}`);

  const twice = all.length - new Set(all).size;
  title("In all");
  say("run 1 sent", `${bytes(sizeOfParts(afterFirst, size, partSize))} that count`);
  say("run 2 sent", `${bytes(result.sentBytes)}; ${bytes(result.resumedBytes)} were there already`);
  say("sent twice", `${twice} acknowledged parts`);
  console.log();

  if (ours !== theirs) throw new Error("the object differs from the file");
  if (twice > 0) throw new Error(`${twice} acknowledged parts were sent again`);
  if (result.sentBytes + result.resumedBytes !== size)
    throw new Error("what was sent and what was there do not add up");
  if (result.resumedBytes === 0) throw new Error("run 2 did not go on where run 1 was");
}

function sizeOf(file) {
  let facts;
  try {
    facts = statSync(file);
  } catch (error) {
    throw new Error(
      `cannot read ${file} (${error.code}); name a file, or none to send Node's own executable`,
    );
  }
  if (!facts.isFile())
    throw new Error(`${file} is not a file; name one, or none to send Node's own executable`);
  if (facts.size < 10 * smallestPart) {
    throw new Error(
      `${file} has ${bytes(facts.size)}, too little to be killed part-way; name a file of 1.1 MB or more`,
    );
  }
  return facts.size;
}

/** Runs the command line; with `killAt` until that share is acknowledged, then kills it. */
async function upload(args, env, killAt = Number.POSITIVE_INFINITY) {
  const startedAt = performance.now();
  const child = start("partwise/dist/cli.js", [...args, "--json"], env);
  const run = { pid: child.pid, acknowledged: 0, result: undefined };
  let told = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line);
    if (event.type === "session.resumed") say("goes on", `after ${event.parts} parts`);
    if (event.type === "transfer.planned")
      say("planned", `${event.plan.parts} parts of ${bytes(event.plan.partSize)}`);
    if (event.type === "transfer.completed") run.result = event;
    if (event.type !== "part.stored") continue;
    const { acknowledged, total } = event.progress;
    run.acknowledged = acknowledged;
    const tenth = Math.floor((acknowledged / total) * 10);
    if (tenth > told) say(told === 0 ? "stored" : "", percent(acknowledged, total));
    told = Math.max(told, tenth);
    if (acknowledged >= killAt * total) child.kill("SIGKILL");
  }
  return { ...run, ended: await child.ended, ms: performance.now() - startedAt };
}

async function startEmulator() {
  const { accessKeyId, accessKeySecret } = credentials;
  const child = start("oss-emulator/dist/cli.js", ["--port", "0", "--dir", join(folder, "remote")], {
    ...process.env,
    OSS_ACCESS_KEY_ID: accessKeyId,
    OSS_ACCESS_KEY_SECRET: accessKeySecret,
  });
  const endpoint = await new Promise((found, fail) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const address = /http:\/\/\S+/.exec(line)?.[0];
      if (address) found(address);
    });
    child.ended.then((code) => fail(new Error(`the emulator ended with ${code}`)), fail);
  });
  const region = "cn-hangzhou";
  const ask = async (what, init) => {
    const answer = await fetch(`${endpoint}/_emulator/${what}`, init);
    if (!answer.ok) throw new Error(`the emulator answered ${answer.status} to ${what}`);
    return answer.json();
  };
  return {
    endpoint,
    region,
    set: (what, value) => ask(what, { method: "PUT", body: JSON.stringify(value) }),
    /** Numbers of the acknowledged parts of one object, in the order in which they came. */
    async parts(key) {
      const log = await ask("log");
      return log
        .filter(
          (each) =>
            each.operation === "UploadPart" && each.key === key && each.status === 200 && each.acknowledged,
        )
        .map((each) => each.partNumber);
    },
    async *read(key) {
      const transport = ossTransport({ bucket: "demo", endpoint, region, credentials });
      try {
        const { body } = await transport.readRange({ key }, { signal: AbortSignal.timeout(600_000) });
        yield* body;
      } finally {
        await transport.close();
      }
    },
  };
}

function start(path, args, env) {
  const child = spawn(process.execPath, [program(path), ...args], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.add(child);
  child.ended = new Promise((ended, fail) => {
    child.once("error", fail);
    child.once("exit", (code, signal) => {
      children.delete(child);
      ended(code ?? signal);
    });
  });
  return child;
}

/** Ends what still runs, removes what was made, and leaves. */
async function leave(status) {
  const ending = [...children].map((child) => {
    child.kill("SIGKILL");
    return child.ended;
  });
  await Promise.allSettled(ending);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(status);
}

async function digestOf(stream) {
  const hash = createHash("sha256");
  for await (const piece of stream) hash.update(piece);
  return hash.digest("hex");
}

function sizeOfParts(numbers, size, partSize) {
  return numbers.reduce((sum, number) => sum + Math.min(partSize, size - (number - 1) * partSize), 0);
}

function account(numbers, size, partSize) {
  return `${numbers.length} parts, ${bytes(sizeOfParts(numbers, size, partSize))}`;
}

function percent(part, whole) {
  return `${Math.floor((part / whole) * 100)} %`;
}
