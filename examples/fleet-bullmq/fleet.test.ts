import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomFillSync } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DEFAULT_CREDENTIALS, type OssEmulator, startOssEmulator } from "@partwise/oss-emulator";
import { seededRandom } from "@partwise/testkit";
import { Queue } from "bullmq";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type OwnRedisServer, startRedis } from "../../packages/redis-store/test/helpers/redis-server.js";
import { enqueue, type FileJob } from "./queue.js";

const KiB = 1024;
const MiB = 1024 * KiB;
const [filesAtOnce, hold] = [4, 2000];

// A busy machine starts processes slowly.
vi.setConfig({ testTimeout: 120_000 });

const here = fileURLToPath(new URL(".", import.meta.url));
const cache = fileURLToPath(new URL("../../node_modules/.cache", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "partwise-fleet-"));
const data = join(folder, "data");
const running = new Set<ChildProcess>();
const said: string[] = [];
let built: string;
let redis: OwnRedisServer;
let emulator: OssEmulator;
let queue: Queue<FileJob>;

beforeAll(async () => {
  mkdirSync(cache, { recursive: true });
  built = mkdtempSync(join(cache, "fleet-"));
  [redis, emulator] = await Promise.all([startRedis(), startOssEmulator(), bundle()]);
  queue = new Queue("partwise-fleet", { connection: { url: redis.url } });
});
afterAll(async () => {
  await Promise.all([...running].map(kill));
  await queue.close();
  await Promise.all([emulator.close(), redis.stop()]);
  for (const each of [built, folder]) rmSync(each, { recursive: true, force: true });
});

/** The worker as one file that Node can run, made from the sources as they are now. */
function bundle() {
  return build({
    entryPoints: [join(here, "worker.ts")],
    outfile: join(built, "worker.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["@partwise/source"],
    // All in one file starts faster; these would be asked for only by those who use them.
    external: ["redis", "pg", "bullmq-otel"],
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    logLevel: "warning",
  });
}

function startWorker(): ChildProcess {
  const child = spawn(process.execPath, [join(built, "worker.mjs")], {
    env: {
      PATH: process.env.PATH ?? "",
      REDIS_URL: redis.url,
      OSS_BUCKET: "demo",
      OSS_REGION: emulator.region,
      OSS_ENDPOINT: emulator.endpoint,
      OSS_ACCESS_KEY_ID: DEFAULT_CREDENTIALS.accessKeyId,
      OSS_ACCESS_KEY_SECRET: DEFAULT_CREDENTIALS.accessKeySecret,
      FILES_AT_ONCE: String(filesAtOnce),
      HOLD_MS: String(hold),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const each of [child.stdout, child.stderr]) each.on("data", (text) => said.push(String(text)));
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  return new Promise((resolve) => {
    child.once("exit", resolve);
    child.kill(signal);
  });
}
const kill = (child: ChildProcess) => end(child, "SIGKILL");

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Sixty small files, some of them empty, and four that go in parts. */
function makeFiles(): Map<string, Buffer> {
  const sizes = [
    ...Array.from({ length: 60 }, (_, index) => index * 1500),
    ...[11, 12, 13, 24].map((n) => n * MiB),
  ];
  return new Map(
    sizes.map((size, index) => {
      const path = join(data, `day-${index % 3}`, `file ${index}.bin`);
      const bytes = randomFillSync(Buffer.alloc(size));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
      return [`fleet/day-${index % 3}/file ${index}.bin`, bytes] as const;
    }),
  );
}

const answered = (operation: string) =>
  emulator.log.filter((each) => each.operation === operation && each.status === 200 && each.acknowledged);

it("brings every file once, while workers are killed and replaced", async () => {
  const files = makeFiles();
  emulator.setNetwork({ requestLatency: 40, connectionBytesPerSecond: 8 * MiB });
  expect(await enqueue(redis.url, data, "fleet/")).toBe(files.size);
  // Asked twice by mistake: nothing is in the queue twice.
  await enqueue(redis.url, data, "fleet/");
  expect(await queue.getWaitingCount()).toBe(files.size);

  const workers = [startWorker(), startWorker(), startWorker()];
  const random = seededRandom(3);
  const done = () => answered("PutObject").length + answered("UploadPart").length;
  const moments = [8, 24, 45, 60].map((each) => each + random.below(8));
  for (const moment of moments) {
    await until(() => done() >= moment);
    const victim = random.below(workers.length);
    await kill(workers[victim]!);
    workers[victim] = startWorker();
  }
  await until(async () => (await queue.getJobCounts("completed", "failed")).completed === files.size);
  expect(await queue.getJobCounts("completed", "failed", "waiting", "active", "delayed")).toEqual({
    completed: files.size,
    ...{ failed: 0, waiting: 0, active: 0, delayed: 0 },
  });

  expect([...emulator.keys("demo")].sort()).toEqual([...files.keys()].sort());
  for (const [key, bytes] of files) {
    const object = await emulator.getObject("demo", key);
    expect(object && digest(readFileSync(object.path)), key).toBe(digest(bytes));
  }
  const parts = answered("UploadPart").map((each) => `${each.key} ${each.partNumber}`);
  expect(parts).toHaveLength(new Set(parts).size);
  expect(emulator.sessions("demo").filter(({ parts }) => parts.length > 0)).toEqual([]);
  // A small file goes in one request; a worker killed before the queue knew may have it sent again.
  const puts = answered("PutObject").length;
  expect(puts).toBeGreaterThanOrEqual(60);
  expect(puts).toBeLessThanOrEqual(60 + moments.length * filesAtOnce);

  expect(await Promise.all(workers.map((each) => end(each, "SIGTERM")))).toEqual([0, 0, 0]);
  expect(said.join("")).toBe("");
});

it("a worker that is asked to leave gives its file back, and the next one goes on", async () => {
  const key = "fleet/given-back.bin";
  const path = join(folder, "given-back.bin");
  const bytes = randomFillSync(Buffer.alloc(12 * MiB));
  writeFileSync(path, bytes);
  await queue.add("upload", { path, key });
  emulator.setNetwork({});
  const stall = emulator.faults.add({
    when: { operation: "UploadPart", key },
    after: 1,
    times: "always",
    fault: { kind: "stall", where: "before-body" },
  });
  const first = startWorker();
  await stall.whenFired(1);
  await until(() => answered("UploadPart").some((each) => each.key === key));
  expect(await end(first, "SIGTERM")).toBe(0);
  expect(await queue.getWaitingCount()).toBe(1);
  stall.remove();
  const second = startWorker();
  await until(async () => (await queue.getWaitingCount()) + (await queue.getActiveCount()) === 0);
  const object = await emulator.getObject("demo", key);
  expect(object && digest(readFileSync(object.path))).toBe(digest(bytes));
  const parts = answered("UploadPart").filter((each) => each.key === key);
  expect(parts.map((each) => each.partNumber).sort()).toEqual([1, 2]);
  expect(await end(second, "SIGTERM")).toBe(0);
});

function digest(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
