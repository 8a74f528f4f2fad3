import { type ClientEvents, type RedisConnection, untilReady } from "./connection.js";

interface ClientOptions {
  readonly url?: string;
  readonly database?: number;
  readonly socket?: { readonly host?: string; readonly port?: number; readonly path?: string };
  readonly rootNodes?: readonly ClientOptions[];
}

/** What is used of a node-redis client (5 or 6) or of a pool of them. */
export interface NodeRedisClient extends ClientEvents {
  readonly isOpen: boolean;
  /** A pool has none. */
  readonly isReady?: boolean;
  sendCommand(command: string[]): Promise<unknown>;
  /** Only a pool has it. */
  execute?<T>(work: (client: { sendCommand(command: string[]): Promise<unknown> }) => Promise<T>): Promise<T>;
}

/** What is used of a node-redis cluster client (5 or 6). */
export interface NodeRedisCluster {
  readonly isOpen: boolean;
  readonly masters: readonly unknown[];
  sendCommand(key: string | undefined, isReadonly: boolean | undefined, command: string[]): Promise<unknown>;
  nodeClient(node: never): Promise<{ sendCommand(command: string[]): Promise<unknown> }>;
}

/** Makes a connection of the user's own node-redis client, pool or cluster, which stays the user's to close. */
export function fromNodeRedis(client: NodeRedisClient | NodeRedisCluster): RedisConnection {
  return "nodeClient" in client ? fromCluster(client) : fromClient(client);
}

function fromClient(client: NodeRedisClient): RedisConnection {
  const send = (_key: string, command: readonly string[]) => client.sendCommand([...command]);
  const isReady = () => client.isReady ?? client.isOpen;
  return {
    address: addressOf(client),
    async ready(signal) {
      if (isReady()) return;
      if (!client.isOpen) throw notOpen();
      await untilReady(client, isReady, signal);
    },
    send,
    together: async (key, commands) =>
      client.execute
        ? client.execute((one) => Promise.all(commands.map((command) => one.sendCommand([...command]))))
        : Promise.all(commands.map((command) => send(key, command))),
    primaries: async () => [{ send: (command) => send("", command) }],
  };
}

function fromCluster(cluster: NodeRedisCluster): RedisConnection {
  const send = (key: string, command: readonly string[]) => cluster.sendCommand(key, false, [...command]);
  return {
    address: addressOf(cluster),
    async ready() {
      if (!cluster.isOpen) throw notOpen();
    },
    send,
    together: (key, commands) => Promise.all(commands.map((command) => send(key, command))),
    primaries: async () =>
      Promise.all(
        cluster.masters.map(async (node) => {
          const client = await cluster.nodeClient(node as never);
          return { send: (command: readonly string[]) => client.sendCommand([...command]) };
        }),
      ),
  };
}

function notOpen(): Error {
  return new Error("the client is not connected: call its connect() first");
}

function addressOf(client: object): string {
  const { options, _options } = client as { options?: ClientOptions; _options?: ClientOptions };
  if ("nodeClient" in client) return `cluster ${placeOf((options ?? _options)?.rootNodes?.[0])}`;
  return `${placeOf(options)}/${options?.database ?? 0}`;
}

function placeOf(options: ClientOptions | undefined): string {
  const { host = "localhost", port = 6379, path } = options?.socket ?? {};
  // Only host and port of a URL: the rest may hold a password.
  if (options?.url && URL.canParse(options.url)) {
    const url = new URL(options.url);
    return `${url.hostname}:${url.port || 6379}`;
  }
  return path ?? `${host}:${port}`;
}
