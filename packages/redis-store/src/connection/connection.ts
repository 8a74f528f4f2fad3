/** One node of a Redis, for what must be asked of each. */
export interface RedisNode {
  send(command: readonly string[]): Promise<unknown>;
}

/**
 * The little that the store needs of a client library. Make one with `fromIoredis` or `fromNodeRedis`, or write
 * it for another library: replies are what RESP carries (strings or bytes, numbers, null, arrays), an error reply
 * rejects with an `Error` whose message is the server's text.
 */
export interface RedisConnection {
  /** For people: `host:port/db`. Never holds a secret. */
  readonly address: string;
  /** What the library puts before every key by itself. */
  readonly keyPrefix?: string;
  /** Resolves when a command can be sent at once; rejects when that will not be, or when the signal aborts. */
  ready(signal: AbortSignal): Promise<void>;
  /** Sends one command to the primary that owns `key`. */
  send(key: string, command: readonly string[]): Promise<unknown>;
  /** Sends several commands there, one after the other on one and the same socket. */
  together(key: string, commands: readonly (readonly string[])[]): Promise<readonly unknown[]>;
  /** Every primary; one, unless this is a cluster. */
  primaries(): Promise<readonly RedisNode[]>;
}

/** A connection, and how to close it if the store made it. */
export interface Connected {
  readonly connection: RedisConnection;
  close?(): Promise<void>;
}

/** Where a client tells about its state. */
export interface ClientEvents {
  on(event: string, listener: (value?: unknown) => void): unknown;
  off(event: string, listener: (value?: unknown) => void): unknown;
}

/** Refusals that waiting does not mend. */
const final = /\b(WRONGPASS|NOAUTH|NOPERM)\b/;

/** Waits for a client to come up; the reason of a failure is the last error it told. */
export function untilReady(client: ClientEvents, isReady: () => boolean, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let last: unknown;
    const end = (settle: () => void) => {
      client.off("ready", onReady);
      client.off("error", onError);
      client.off("end", onEnd);
      signal.removeEventListener("abort", onAbort);
      settle();
    };
    const onReady = () => {
      if (isReady()) end(resolve);
    };
    const onError = (error: unknown) => {
      last = error;
      if (final.test(String((error as Error | undefined)?.message))) end(() => reject(error));
    };
    const onEnd = () => end(() => reject(last ?? new Error("the client was closed")));
    const onAbort = () => end(() => reject(last ?? signal.reason));
    client.on("ready", onReady);
    client.on("error", onError);
    client.on("end", onEnd);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
  });
}
