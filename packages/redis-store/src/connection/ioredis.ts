import { type ClientEvents, type RedisConnection, untilReady } from "./connection.js";

interface Place {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly path?: string | undefined;
  readonly db?: number | undefined;
}

/** What is used of an ioredis client (5 or 6), `Redis` or `Cluster`. */
export interface IoredisClient extends ClientEvents {
  readonly status: string;
  readonly options: object;
  connect(): Promise<unknown>;
  call(command: string, args: string[]): Promise<unknown>;
  pipeline(commands: unknown[][]): { exec(): Promise<[error: Error | null, result: unknown][] | null> };
  /** Only a `Cluster` has it. */
  nodes?(role: "master"): { call(command: string, args: string[]): Promise<unknown> }[];
}

/** Makes a connection of the user's own ioredis client, which stays the user's to configure and to close. */
export function fromIoredis(client: IoredisClient): RedisConnection {
  const call = (to: Pick<IoredisClient, "call">, [name = "", ...args]: readonly string[]) =>
    to.call(name, args);
  const { keyPrefix } = client.options as { keyPrefix?: string };
  const isReady = () => client.status === "ready";
  return {
    address: addressOf(client),
    ...(keyPrefix && { keyPrefix }),
    async ready(signal) {
      if (isReady()) return;
      if (client.status === "end") throw new Error("the client was closed");
      const ready = untilReady(client, isReady, signal);
      // Its failure is told by events too.
      if (client.status === "wait") client.connect().catch(() => {});
      await ready;
    },
    send: (_key, command) => call(client, command),
    async together(_key, commands) {
      const replies = (await client.pipeline(commands.map((command) => ["call", ...command])).exec()) ?? [];
      return replies.map(([error, reply]) => {
        if (error) throw error;
        return reply;
      });
    },
    async primaries() {
      const nodes = client.nodes?.("master") ?? [client];
      return nodes.map((node) => ({ send: (command) => call(node, command) }));
    },
  };
}

function addressOf(client: IoredisClient): string {
  const { path, db = 0, ...place } = client.options as Place;
  if (client.nodes === undefined) return `${path ?? placeOf(place)}/${db}`;
  const { startupNodes = [] } = client as { startupNodes?: (Place | string | number)[] };
  const [first] = startupNodes;
  return typeof first === "object" ? `cluster ${placeOf(first)}` : "cluster";
}

function placeOf({ host = "localhost", port = 6379 }: Place): string {
  return `${host}:${port}`;
}
