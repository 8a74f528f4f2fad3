import { Agent, type ClientRequest, request as requestPlain } from "node:http";
import { request as requestTls, Agent as TlsAgent } from "node:https";
import type { Wire, WireAnswer } from "./wire.js";

/** Milliseconds an idle connection is kept, unless the remote says less: many a server closes after five seconds. */
const idleTime = 4_000;

/** How connections are made. */
export interface WireOptions {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Most connections at once. */
  readonly connections: number;
  /** Milliseconds for a connection, TLS included. */
  readonly connectTimeout: number;
}

/**
 * Requests by Node's own HTTP client: its parser is native, which spares each process what undici's costs to compile,
 * about 0.2 s of CPU and 25 MiB (docs/decisions/0003-http-client.md).
 */
export function nodeWire({ origin, connections, connectTimeout }: WireOptions): Wire {
  const { protocol, hostname, port } = new URL(origin);
  const tls = protocol === "https:";
  const pool = { keepAlive: true, maxSockets: connections, maxFreeSockets: Infinity, timeout: idleTime };
  const agent = tls ? new TlsAgent(pool) : new Agent(pool);
  const open = tls ? requestTls : requestPlain;
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const underWay = new Set<ClientRequest>();
  let idle: (() => void) | undefined;

  return {
    request({ method, path, headers, body, signal }) {
      return new Promise<WireAnswer>((resolve, reject) => {
        const request = open({ agent, host, port, method, path, headers });
        underWay.add(request);
        const abort = () => request.destroy(new Error("The request was aborted."));
        signal.addEventListener("abort", abort, { once: true });
        request.once("response", (answer) => {
          // Node takes an answer to HEAD without a length for one that ends with its connection.
          if (method === "HEAD") request.shouldKeepAlive = answer.headers.connection !== "close";
          // Nobody reads the rest of a body that was answered before its end.
          answer.once("end", () => {
            if (!request.writableEnded) request.destroy();
          });
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: answer });
        });
        // Stays: what fails after the answer's head is told by its body.
        request.on("error", reject);
        request.once("close", () => {
          signal.removeEventListener("abort", abort);
          underWay.delete(request);
          if (underWay.size === 0) idle?.();
        });
        limitConnecting(request, tls ? "secureConnect" : "connect", connectTimeout);
        if (typeof body === "object") void pour(body, request);
        else request.end(body);
        if (signal.aborted) abort();
      });
    },
    async close() {
      if (underWay.size > 0) {
        await new Promise<void>((resolve) => {
          idle = resolve;
        });
      }
      agent.destroy();
    },
  };
}

/** Writes chunk by chunk; each was taken by the system before the next is asked for. */
async function pour(body: AsyncIterable<Uint8Array>, request: ClientRequest): Promise<void> {
  let go: (() => void) | undefined;
  request.once("close", () => go?.());
  try {
    for await (const chunk of body) {
      if (request.destroyed) return;
      await new Promise<void>((resolve) => {
        go = resolve;
        request.write(chunk, () => resolve());
      });
      if (request.destroyed) return;
    }
    request.end();
  } catch (error) {
    request.destroy(
      error instanceof Error ? error : new Error("The body could not be read.", { cause: error }),
    );
  }
}

function limitConnecting(request: ClientRequest, made: "connect" | "secureConnect", after: number): void {
  request.once("socket", (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => {
      request.destroy(Object.assign(new Error("No connection in time."), { code: connectTimedOut }));
    }, after);
    const stop = () => clearTimeout(timer);
    socket.once(made, stop);
    request.once("close", stop);
  });
}

/** Code of the error for a connection that was not made in time; undici's name for it. */
const connectTimedOut = "UND_ERR_CONNECT_TIMEOUT";
