import { type Outcome, TransferError } from "@partwise/core/contract";
import type { Connected, RedisConnection, RedisNode } from "./connection/connection.js";
import { NoAnswer, storeError } from "./errors.js";
import type { Settings } from "./options.js";
import type { Script } from "./scripts/script.js";
import { checkServer } from "./startup-check.js";

/** The server as the store asks it: in time, with typed errors, looked over once before the first question. */
export class Server {
  private connecting: Promise<Connected> | undefined;
  private readying: Promise<void> | undefined;
  private checking: Promise<void> | undefined;
  private closed = false;

  constructor(
    readonly name: string,
    readonly settings: Settings,
    /** A connection made for the store has `close`, and is closed with it. */
    private readonly connect: () => Promise<Connected>,
  ) {}

  /** Runs a script on the journal (or catalog) that owns `keys`. */
  run(
    script: Script,
    keys: readonly [string, ...string[]],
    args: readonly string[],
    id?: string,
  ): Promise<unknown> {
    const tail = [String(keys.length), ...keys, ...args];
    return this.ask(id, script.writes, async (connection) => {
      try {
        return await connection.send(keys[0], ["EVALSHA", script.sha, ...tail]);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
        return await connection.send(keys[0], ["EVAL", script.text, ...tail]);
      }
    });
  }

  /** Sends one command that only reads. */
  read(key: string, command: readonly string[]): Promise<unknown> {
    return this.ask(undefined, false, (connection) => connection.send(key, command));
  }

  /** Asks every primary in turn. */
  async *eachPrimary(): AsyncGenerator<{ readonly node: RedisNode; readonly keyPrefix: string }> {
    const { nodes, keyPrefix } = await this.ask(undefined, false, async (connection) => ({
      nodes: await connection.primaries(),
      keyPrefix: connection.keyPrefix ?? "",
    }));
    for (const node of nodes) {
      yield { keyPrefix, node: { send: (command) => this.ask(undefined, false, () => node.send(command)) } };
    }
  }

  /** Waits until the replicas asked for have all that was written to `key`'s primary. */
  async replicated(key: string, id: string): Promise<void> {
    const { wait, ttl } = this.settings;
    if (wait === undefined) return;
    // WAIT looks at the last write of its own socket; a pool or a reconnect may have changed it.
    const commands = [
      ["PEXPIRE", key, String(ttl)],
      ["WAIT", String(wait.replicas), String(wait.timeout)],
    ];
    const replies = await this.ask(
      id,
      true,
      (connection) => connection.together(key, commands),
      wait.timeout,
    );
    const have = Number(text(replies[1]));
    if (have >= wait.replicas) return;
    throw new TransferError(
      "store-unavailable",
      `${this.name}: ${have} of ${wait.replicas} replicas had the entries of journal ${id} within ${wait.timeout} ms. Look at the replicas, or ask for fewer with \`wait\`.`,
      { outcome: "unknown" },
    );
  }

  async close(): Promise<void> {
    this.closed = true;
    const connected = await this.connecting?.catch(() => undefined);
    await connected?.close?.();
  }

  private async ask<T>(
    id: string | undefined,
    writes: boolean,
    work: (connection: RedisConnection) => Promise<T>,
    longer = 0,
  ): Promise<T> {
    let unanswered: Outcome = "not-applied";
    const limit = new AbortController();
    const ms = this.settings.commandTimeout + longer;
    const timer = setTimeout(() => limit.abort(new NoAnswer(`no answer within ${ms} ms`)), ms);
    try {
      const { connection } = await until(limit.signal, this.connected());
      await until(limit.signal, this.ready(connection));
      await this.checked(connection, limit.signal);
      if (writes) unanswered = "unknown";
      return await until(limit.signal, work(connection));
    } catch (error) {
      throw storeError(error, { store: this.name, unanswered, ...(id !== undefined && { id }) });
    } finally {
      clearTimeout(timer);
    }
  }

  /** One wait for all who ask meanwhile. */
  private ready(connection: RedisConnection): Promise<void> {
    if (this.readying !== undefined) return this.readying;
    const limit = new AbortController();
    // A little sooner than those who wait give up: it knows why.
    const ms = Math.floor(this.settings.commandTimeout * 0.9);
    const timer = setTimeout(() => limit.abort(new NoAnswer(`no connection within ${ms} ms`)), ms);
    this.readying = connection.ready(limit.signal).finally(() => {
      clearTimeout(timer);
      this.readying = undefined;
    });
    return this.readying;
  }

  private async checked(connection: RedisConnection, signal: AbortSignal): Promise<void> {
    this.checking ??= checkServer(connection, this.name, this.settings.onWarning);
    try {
      await until(signal, this.checking);
    } catch (error) {
      this.checking = undefined;
      throw error;
    }
  }

  private connected(): Promise<Connected> {
    if (this.closed) {
      throw new TransferError("store-unavailable", `${this.name} was closed.`, { retryable: false });
    }
    this.connecting ??= this.connect();
    return this.connecting;
  }
}

/** A reply as text, whatever type mapping the user's client has. */
export function text(reply: unknown): string {
  return reply instanceof Uint8Array ? Buffer.from(reply).toString() : String(reply);
}

/** A reply that is a list. */
export function list(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : [];
}

/** The result, or the signal's reason if that comes first. */
async function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
