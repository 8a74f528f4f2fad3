/** Real servers for tests, of this package and of others: on loopback, on free ports, stopped by their pid. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const host = "127.0.0.1";
const run = promisify(execFile);

/** A server, or one that somebody else runs. */
export interface RedisServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** A server of our own, to be treated badly. */
export interface OwnRedisServer extends RedisServer {
  readonly pid: number;
  /** Stops it from answering, its sockets open. */
  pause(): void;
  resume(): void;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it on the same port again: empty, unless its arguments say otherwise. */
  start(): Promise<void>;
}

/** The Redis of `REDIS_URL`, else one of our own. */
export async function redisForTests(): Promise<RedisServer> {
  const url = process.env.REDIS_URL;
  if (!url) return startRedis();
  const { hostname, port } = new URL(url);
  return { url, host: hostname, port: Number(port || 6379), stop: async () => {} };
}

/** Starts a server of our own, installing it first if that is possible. It keeps nothing on disk. */
export function startRedis(options: readonly string[] = []): Promise<OwnRedisServer> {
  return startWith(async (port, directory) => [
    ...["--port", String(port), "--bind", host, "--dir", directory, "--save", "", "--appendonly", "no"],
    // A replica is served at once, not after five seconds.
    ...["--repl-diskless-sync-delay", "0"],
    ...options,
  ]);
}

/** Starts a sentinel that watches `primary` under the name `main`, and fails over in half a second. */
export function startSentinel(primary: RedisServer): Promise<OwnRedisServer> {
  return startWith(async (port, directory) => {
    // A sentinel writes into its configuration, so it wants a file.
    const file = join(directory, "sentinel.conf");
    const lines = [
      `port ${port}`,
      `bind ${host}`,
      `dir ${directory}`,
      `sentinel monitor main ${primary.host} ${primary.port} 1`,
      "sentinel down-after-milliseconds main 500",
      "sentinel failover-timeout main 5000",
    ];
    await writeFile(file, lines.join("\n"));
    return [file, "--sentinel"];
  });
}

type Arguments = (port: number, directory: string) => Promise<string[]>;

async function startWith(argumentsOn: Arguments): Promise<OwnRedisServer> {
  const binary = await redisBinary();
  const directory = await mkdtemp(join(tmpdir(), "partwise-redis-"));
  for (let tries = 1; ; tries++) {
    const port = await freePort();
    try {
      return await start(binary, directory, port, await argumentsOn(port, directory));
    } catch (error) {
      // Somebody else took the port in the meantime.
      if (tries < 5 && /Address already in use/.test(String(error))) continue;
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }
}

async function start(
  binary: string,
  directory: string,
  port: number,
  args: readonly string[],
): Promise<OwnRedisServer> {
  let child: ChildProcess;
  const launch = async () => {
    child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
    if (child.pid !== undefined) {
      const guard = guardOf(child.pid, directory);
      child.once("exit", () => guard.kill("SIGKILL"));
    }
    await untilReady(child);
  };
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  };
  await launch();
  return {
    url: `redis://${host}:${port}`,
    host,
    port,
    get pid() {
      return child.pid ?? -1;
    },
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    kill,
    start: launch,
    async stop() {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Ends the server, and clears up after it, when this process ends, however that happens: then the guard's input ends. */
function guardOf(pid: number, directory: string): ChildProcess {
  const guard = spawn("sh", ["-c", 'cat; kill -9 "$0"; rm -rf "$1"', String(pid), directory], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.unref();
  return guard;
}

function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const listen = (data: Buffer) => {
      said += data;
      if (/Ready to accept connections|Sentinel ID is/.test(said)) resolve();
    };
    child.stdout?.on("data", listen);
    child.stderr?.on("data", listen);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`redis-server ended with ${code}: ${said.slice(-500)}`)));
  });
}

/** A port that is free, and so is the one 10,000 above: a cluster node wants both. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = await tryPort(0);
    if (port !== undefined && port < 55_000 && (await tryPort(port + 10_000)) !== undefined) return port;
  }
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const { port: found } = server.address() as { port: number };
      server.close(() => resolve(found));
    });
  });
}

let binary: Promise<string> | undefined;

function redisBinary(): Promise<string> {
  binary ??= find().then((found) => found ?? install());
  return binary;
}

async function find(): Promise<string | undefined> {
  for (const name of ["redis-server", "valkey-server"]) {
    const found = await run("sh", ["-c", `command -v ${name}`]).catch(() => undefined);
    if (found) return found.stdout.trim();
  }
  return undefined;
}

async function install(): Promise<string> {
  const say = "These tests need a Redis: set REDIS_URL, or install one (apt-get install redis-server).";
  if (process.getuid?.() !== 0) throw new Error(say);
  // One at a time, whoever else starts tests; what another has installed meanwhile is not installed again.
  const command = [
    "command -v redis-server ||",
    "(apt-get update -qq && apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 redis-server)",
  ].join(" ");
  const lock = join(tmpdir(), "partwise-redis-install.lock");
  try {
    await run("flock", [lock, "sh", "-c", command], {
      // Only the program is wanted, not a service.
      env: { ...process.env, RUNLEVEL: "1", DEBIAN_FRONTEND: "noninteractive" },
    });
  } catch (cause) {
    throw new Error(say, { cause });
  }
  const found = await find();
  if (found === undefined) throw new Error(say);
  return found;
}
