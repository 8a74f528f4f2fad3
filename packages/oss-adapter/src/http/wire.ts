import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";

/** One request as it goes out. */
export interface WireRequest {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly path: string;
  readonly headers: Record<string, string>;
  /** Bytes whose length the headers tell; a chunk is asked for when the one before it is out. */
  readonly body: AsyncIterable<Uint8Array> | string | undefined;
  readonly signal: AbortSignal;
}

/** An answer whose body is still to be read. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
}

/** What carries requests: connections that are kept. Rejects with what the network said. */
export interface Wire {
  request(request: WireRequest): Promise<WireAnswer>;
  /** Resolves when the requests under way are over and the connections closed. */
  close(): Promise<void>;
}

/** The user's own undici dispatcher; it stays open. */
export function dispatcherWire(dispatcher: Dispatcher, origin: string): Wire {
  return {
    async request({ method, path, headers, body = null, signal }) {
      const answer = await dispatcher.request({
        origin,
        path,
        method,
        headers,
        body: body as never,
        signal,
        // Core's watchdog ends what stands still.
        headersTimeout: 0,
        bodyTimeout: 0,
        // undici would close the connection after each HEAD.
        reset: false,
      });
      return { status: answer.statusCode, headers: answer.headers, body: answer.body };
    },
    close: async () => {},
  };
}
