import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dropSession, type OpenSession, openSessions } from "./admin/inspect.js";
import { FaultBoard, type Faults } from "./faults/faults.js";
import { handle } from "./http/handle.js";
import { type LoggedRequest, RequestLog } from "./http/log.js";
import { Network, type NetworkOptions } from "./http/network.js";
import { BUCKET_NAME } from "./operations/bucket.js";
import type { OssEmulatorOptions } from "./options.js";
import { CredentialBook, checkCredentials, type EmulatorCredentials } from "./sign/credentials.js";
import type { Settings, State } from "./state.js";
import type { Bucket } from "./store/bucket.js";
import { Disk } from "./store/disk.js";
import type { ObjectRecord } from "./store/records.js";

/** A stored object, for a test to look at. */
export interface StoredObject {
  readonly key: string;
  readonly size: number;
  /** The bytes as one file on disk; do not change it. */
  readonly path: string;
  /** Without quotes. */
  readonly etag: string;
  readonly crc64: string;
  readonly type: "Normal" | "Multipart";
  /** Milliseconds since 1970. */
  readonly lastModified: number;
  readonly acl: string;
  /** Lower-case names: content-type, x-oss-meta-*, x-oss-storage-class, ... */
  readonly headers: Readonly<Record<string, string>>;
}

/** A running emulator. */
export interface OssEmulator {
  /** For example http://127.0.0.1:41234; path style, as every address. */
  readonly endpoint: string;
  readonly port: number;
  readonly region: string;
  readonly directory: string;
  /** Every request except those to `/_emulator`, in order of arrival; the newest 200,000. */
  readonly log: readonly LoggedRequest[];
  clearLog(): void;
  readonly faults: Faults;
  /** Replaces the emulated network's settings, for requests that come from now on. */
  setNetwork(options: NetworkOptions): void;
  addCredentials(credentials: EmulatorCredentials): void;
  removeCredentials(accessKeyId: string): void;
  /** From `at` (default now) on, requests with this id get SecurityTokenExpired. */
  expireCredentials(accessKeyId: string, at?: number): void;
  getObject(bucket: string, key: string): Promise<StoredObject | undefined>;
  /** Stores an object without a request; not in the log. */
  putObjectDirect(
    bucket: string,
    key: string,
    body: Uint8Array | string | AsyncIterable<Buffer>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<StoredObject>;
  deleteObjectDirect(bucket: string, key: string): Promise<void>;
  keys(bucket: string): readonly string[];
  /** Open multipart uploads of one bucket (default of all). */
  sessions(bucket?: string): readonly OpenSession[];
  /** Drops an open upload as somebody else's abort would; gives whether there was one. */
  dropSession(uploadId: string): Promise<boolean>;
  /** Drops all connections, stops listening, and removes the folder if it was a temporary one. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const DEFAULT_CREDENTIALS: EmulatorCredentials = {
  accessKeyId: "emulator-id",
  accessKeySecret: "emulator-secret",
};

/**
 * Starts a local OSS.
 * @throws TypeError for options that make no sense; whatever Node throws when the folder or port cannot be used.
 */
export async function startOssEmulator(options: OssEmulatorOptions = {}): Promise<OssEmulator> {
  const settings = readSettings(options);
  const buckets = options.buckets ?? ["demo"];
  for (const name of buckets) {
    if (!BUCKET_NAME.test(name))
      throw new TypeError(`"${name}" is no bucket name: 3 to 63 of a-z, 0-9 and -.`);
  }
  const credentials = (options.credentials ?? [DEFAULT_CREDENTIALS]).map(checkCredentials);
  const network = new Network(options.network ?? {});
  const temporary = options.directory === undefined;
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), "oss-emulator-")));
  const disk = await Disk.open(directory);
  for (const name of buckets) await disk.createBucket(name, settings.now());
  const state: State = {
    settings,
    disk,
    credentials: new CredentialBook(credentials),
    faults: new FaultBoard(),
    network,
    log: new RequestLog(),
    live: new Set(),
  };
  const server = await listen(state, options);
  const { port } = server.address() as AddressInfo;
  const host = options.host ?? "127.0.0.1";
  const bucketNamed = (name: string): Bucket => {
    const bucket = disk.buckets.get(name);
    if (!bucket) throw new TypeError(`The emulator has no bucket "${name}".`);
    return bucket;
  };
  const getObject = async (bucket: string, key: string) => {
    const found = await bucketNamed(bucket).objectFile(key);
    return found && showObject(found.object, found.path);
  };
  const close = async () => {
    for (const request of state.live) request.abort();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
    await disk.settled();
    if (temporary) await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  let closed: Promise<void> | undefined;
  const closeOnce = () => {
    closed ??= close();
    return closed;
  };
  return {
    endpoint: `${options.tls ? "https" : "http"}://${shownHost(host)}:${port}`,
    port,
    region: settings.region,
    directory,
    log: state.log.entries,
    clearLog: () => state.log.clear(),
    faults: state.faults,
    setNetwork: (next) => network.set(next),
    addCredentials: (added) => state.credentials.add(checkCredentials(added)),
    removeCredentials: (id) => state.credentials.remove(id),
    expireCredentials: (id, at) => state.credentials.expire(id, at ?? settings.now()),
    getObject,
    putObjectDirect: async (bucketName, key, body, headers = {}) => {
      const bucket = bucketNamed(bucketName);
      const staged = await bucket.stage(piecesOf(body));
      const facts = {
        key,
        size: staged.size,
        etag: staged.md5.toString("hex").toUpperCase(),
        md5: staged.md5.toString("base64"),
        crc64: staged.crc64.toString(),
        type: "Normal" as const,
        modified: settings.now(),
        acl: "default",
        headers,
      };
      await bucket.putObject(staged, facts, () => {});
      return (await getObject(bucketName, key))!;
    },
    deleteObjectDirect: (bucket, key) => bucketNamed(bucket).deleteObject(key),
    keys: (bucket) => [...bucketNamed(bucket).objects.keys()].sort(),
    sessions: (bucket) => openSessions(disk, bucket),
    dropSession: (uploadId) => dropSession(disk, uploadId),
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  };
}

function readSettings(options: OssEmulatorOptions): Settings {
  const whole = (
    name: "pageSize" | "minPartSize" | "sessionLifetime" | "bodyTimeout",
    fallback: number,
    least: number,
  ) => {
    const value = options[name] ?? fallback;
    if (value !== fallback && !(Number.isInteger(value) && value >= least)) {
      throw new TypeError(`${name} must be a whole number of at least ${least}.`);
    }
    return value;
  };
  return {
    region: options.region ?? "cn-hangzhou",
    now: options.now ?? Date.now,
    pageSize: Math.min(whole("pageSize", 1000, 1), 1000),
    partChecksums: options.partChecksums ?? true,
    minPartSize: whole("minPartSize", 102_400, 0),
    sessionLifetime: whole("sessionLifetime", Number.POSITIVE_INFINITY, 0),
    bodyTimeout: whole("bodyTimeout", 60_000, 1),
    domains: options.domains ?? {},
  };
}

async function listen(state: State, options: OssEmulatorOptions): Promise<Server> {
  const limits = { keepAliveTimeout: 75_000, requestTimeout: 0, maxHeaderSize: 65_536, noDelay: true };
  const listener =
    (expectsContinue: boolean): RequestListener =>
    (request, response) =>
      void handle(state, request, response, expectsContinue);
  const server = options.tls
    ? createTlsServer({ ...limits, ...options.tls }, listener(false))
    : createServer(limits, listener(false));
  server.on("checkContinue", listener(true));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, options.host ?? "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  return server;
}

const shownHost = (host: string) =>
  host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;

async function* piecesOf(body: Uint8Array | string | AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (typeof body === "string") yield Buffer.from(body);
  else if (body instanceof Uint8Array) yield Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  else yield* body;
}

function showObject(object: ObjectRecord, path: string): StoredObject {
  const { key, size, etag, crc64, type, modified, acl, headers } = object;
  return { key, size, path, etag, crc64, type, lastModified: modified, acl, headers };
}
