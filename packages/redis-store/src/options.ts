import { hostname } from "node:os";
import type { ConnectionOptions } from "node:tls";
import { type Durability, TransferError } from "@partwise/core/contract";
import type { RedisClient } from "./connection/recognise.js";

/** Options of `redisStore`. Exactly one of `client` and `url` is given. */
export interface RedisStoreOptions {
  /** A connected client of ioredis or node-redis, also one of a cluster. It stays the caller's to close. */
  readonly client?: RedisClient;
  /** `redis://user:password@host:port/db`, or `rediss://…` for TLS. Needs ioredis or node-redis installed. */
  readonly url?: string;
  /** TLS options beside a `rediss://` URL: a private CA, say. */
  readonly tls?: ConnectionOptions;
  /** Keeps journals apart from those of others: 1 to 64 of `A-Z a-z 0-9 _ . -`. Default `partwise`. */
  readonly namespace?: string;
  /**
   * Milliseconds after which a journal that nobody writes to or holds a lease of is gone; anew from each write,
   * lease and renewal. Default 30 days; 1 hour to 10 years.
   */
  readonly ttl?: number;
  /** Milliseconds until a command without an answer is given up. Default 5,000; 50 to 600,000. */
  readonly commandTimeout?: number;
  /**
   * What the server is configured to survive; the store cannot see it. Default `process-crash`: the server
   * survives this process. `power-loss` is right with `appendfsync always`, `replicated` with `wait` (its default then).
   */
  readonly durability?: Durability;
  /**
   * Ordered entries (what was planned, opened, sealed) wait until so many replicas have them, receipts do not:
   * losing one costs a listing. `timeout` in milliseconds, default 1,000.
   */
  readonly wait?: { readonly replicas: number; readonly timeout?: number };
  /** Names this process to others in `lease-held`. Default `pid <pid> on <host>`. */
  readonly holder?: string;
  /** Told once when the server may throw journals away. Default `process.emitWarning`. */
  readonly onWarning?: (message: string) => void;
}

/** The options, complete. */
export interface Settings {
  readonly namespace: string;
  readonly ttl: number;
  readonly commandTimeout: number;
  readonly durability: Durability;
  readonly wait: { readonly replicas: number; readonly timeout: number } | undefined;
  readonly holder: string;
  readonly onWarning: (message: string) => void;
}

const hour = 3_600_000;

/** Checks the options and fills in the defaults. */
export function settle(options: RedisStoreOptions): Settings {
  if ((options.client === undefined) === (options.url === undefined)) {
    throw invalid("give exactly one of `client` and `url`.");
  }
  if (options.tls !== undefined && options.url === undefined) throw invalid("`tls` goes with `url` only.");
  const { namespace = "partwise", durability, wait } = options;
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(namespace)) {
    throw invalid("`namespace` has 1 to 64 characters of A-Z a-z 0-9 _ . -.");
  }
  const levels: readonly Durability[] = ["none", "process-crash", "power-loss", "replicated"];
  if (durability !== undefined && !levels.includes(durability)) {
    throw invalid(`\`durability\` is one of ${levels.join(", ")}.`);
  }
  return {
    namespace,
    ttl: whole("ttl", options.ttl, 30 * 24 * hour, hour, 3_650 * 24 * hour),
    commandTimeout: whole("commandTimeout", options.commandTimeout, 5_000, 50, 600_000),
    durability: durability ?? (wait ? "replicated" : "process-crash"),
    wait: wait && {
      replicas: whole("wait.replicas", wait.replicas, 1, 1, 100),
      timeout: whole("wait.timeout", wait.timeout, 1_000, 1, 600_000),
    },
    holder: options.holder ?? `pid ${process.pid} on ${hostname()}`,
    onWarning: options.onWarning ?? ((message) => process.emitWarning(message, "PartwiseWarning")),
  };
}

function whole(
  name: string,
  given: number | undefined,
  otherwise: number,
  least: number,
  most: number,
): number {
  const value = given ?? otherwise;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(`\`${name}\` is a whole number from ${least} to ${most}, not ${value}.`);
}

export function invalid(what: string): TransferError<"invalid-options"> {
  return new TransferError("invalid-options", `redisStore: ${what}`);
}
