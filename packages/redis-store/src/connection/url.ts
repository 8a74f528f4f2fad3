import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { TransferError } from "@partwise/core/contract";
import type { Connected } from "./connection.js";
import { fromIoredis } from "./ioredis.js";
import { fromNodeRedis } from "./node-redis.js";

/** Where and as whom to connect. */
export interface RedisPlace {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  /** Present when the connection is encrypted. */
  readonly tls?: ConnectionOptions;
}

/** Libraries as they are imported; replaced in tests. */
export interface Libraries {
  ioredis(): Promise<typeof import("ioredis")>;
  redis(): Promise<typeof import("redis")>;
}

const libraries: Libraries = { ioredis: () => import("ioredis"), redis: () => import("redis") };

/** Reads `redis[s]://[user[:password]@]host[:port][/db]`. Its errors repeat nothing of the URL. */
export function parseUrl(url: string, tls: ConnectionOptions | undefined): RedisPlace {
  const refuse = (why: string) =>
    new TransferError(
      "invalid-options",
      `redisStore: ${why} Use redis://user:password@host:6379/0, or rediss:// for TLS.`,
    );
  if (!URL.canParse(url)) {
    throw refuse(
      "the URL cannot be read (special characters in a password must be written as %40 and the like).",
    );
  }
  const { protocol, hostname, port, pathname, search, hash, username, password } = new URL(url);
  if (protocol !== "redis:" && protocol !== "rediss:") throw refuse("the URL is not one of Redis.");
  if (!/^\/?\d{0,5}$/.test(pathname)) throw refuse("the URL's path must be a database number.");
  if (search || hash) throw refuse("the URL must not have a query or fragment.");
  if (tls && protocol === "redis:") throw refuse("`tls` is given, but the URL is not encrypted.");
  let user: string;
  let secret: string;
  try {
    [user, secret] = [decodeURIComponent(username), decodeURIComponent(password)];
  } catch {
    throw refuse("the URL's user or password has a % that is not followed by two hex digits.");
  }
  const host = decodeURIComponent(hostname).replace(/^\[(.*)\]$/, "$1") || "localhost";
  return {
    host,
    port: Number(port || 6379),
    db: Number(pathname.slice(1) || 0),
    ...(user && { username: user }),
    ...(secret && { password: secret }),
    ...(protocol === "rediss:" && { tls: { ...(!isIP(host) && { servername: host }), ...tls } }),
  };
}

/** Makes a client of its own, with ioredis if that is installed, else with node-redis. */
export async function connectTo(
  place: RedisPlace,
  timeout: number,
  { ioredis, redis }: Libraries = libraries,
): Promise<Connected> {
  const first = await installed(ioredis);
  if (first !== undefined) return ownIoredis(first, place, timeout);
  const second = await installed(redis);
  if (second !== undefined) return ownNodeRedis(second, place, timeout);
  throw new TransferError(
    "invalid-options",
    "redisStore: a URL needs a client library, and none is installed. Run `npm install ioredis` (or `redis`).",
  );
}

function ownIoredis({ Redis }: typeof import("ioredis"), place: RedisPlace, timeout: number): Connected {
  const client = new Redis({
    ...place,
    lazyConnect: true,
    connectTimeout: timeout,
    connectionName: "partwise",
    // The store waits until the client is ready, so nothing is queued, and nothing is sent twice.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: delay,
  });
  client.on("error", () => {});
  return {
    connection: fromIoredis(client),
    async close() {
      client.disconnect();
    },
  };
}

function ownNodeRedis(
  { createClient }: typeof import("redis"),
  place: RedisPlace,
  timeout: number,
): Connected {
  const { host, port, db, username, password, tls } = place;
  const client = createClient({
    socket: {
      host,
      port,
      connectTimeout: timeout,
      reconnectStrategy: delay,
      ...(tls && { ...tls, tls: true as const }),
    },
    database: db,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    name: "partwise",
    disableOfflineQueue: true,
  });
  client.on("error", () => {});
  const connection = fromNodeRedis(client);
  let closed = false;
  const ready = async (signal: AbortSignal) => {
    if (closed) throw new Error("the client was closed");
    // Its failure is told by events too.
    if (!client.isOpen) client.connect().catch(() => {});
    await connection.ready(signal);
  };
  return {
    connection: { ...connection, ready },
    async close() {
      closed = true;
      if (client.isOpen) client.destroy();
    },
  };
}

/** Milliseconds before the next try to connect: 100, 200, 400, 500, 500, … */
function delay(tries: number): number {
  return Math.min(50 * 2 ** Math.min(tries, 6), 500);
}

async function installed<T>(load: () => Promise<T>): Promise<T | undefined> {
  try {
    return await load();
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}
