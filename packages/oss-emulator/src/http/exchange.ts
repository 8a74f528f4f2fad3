import type { IncomingMessage, ServerResponse } from "node:http";
import type { Fault, FaultKind } from "../faults/rules.js";
import type { State } from "../state.js";
import { readBody } from "./body.js";
import { invalidArgument, OssError } from "./errors.js";
import type { RequestHeaders } from "./headers.js";
import type { LoggedRequest } from "./log.js";
import { Pace } from "./network.js";
import { Dropped, sleep } from "./sleep.js";
import type { Query, Target } from "./target.js";

/** A body to send: text, or bytes of a known length. */
export type ReplyBody = string | { readonly length: number; readonly stream: AsyncIterable<Buffer> };

/** What an operation wants to be answered. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: ReplyBody;
  readonly code?: string;
}

/** One request on its way through the emulator. */
export class Exchange {
  readonly query: Query;
  readonly faults: Fault[] = [];
  /** Bytes of the body after which chance breaks the connection. */
  resetAfter: number | undefined;
  /** The client waits for `100 Continue` before it sends the body. */
  expectsContinue = false;
  bodyTouched = false;
  readonly startedAt = performance.now();
  /** Chance wants the answer to be lost. */
  loseAnswer = false;

  constructor(
    readonly state: State,
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly target: Target,
    readonly headers: RequestHeaders,
    readonly entry: LoggedRequest,
    /** Aborts when the client has gone or the emulator closes. */
    readonly signal: AbortSignal,
  ) {
    this.query = target.query;
  }

  fault<K extends FaultKind>(kind: K): Extract<Fault, { kind: K }> | undefined {
    return this.faults.find((fault): fault is Extract<Fault, { kind: K }> => fault.kind === kind);
  }

  /** The server's clock as this request sees it. */
  now(): number {
    const skew = this.fault("skew");
    return this.state.settings.now() + (skew ? (skew.ms ?? 3_600_000) : 0);
  }

  get hasBody(): boolean {
    return this.headers.has("transfer-encoding") || Number(this.headers.get("content-length") ?? 0) > 0;
  }

  /** The rates that this request's bytes must keep to. */
  paces(): Pace[] {
    const paces = this.state.network.paces(this.request.socket);
    const throttle = this.fault("throttle");
    if (throttle) paces.push(new Pace(throttle.bytesPerSecond));
    const limit = this.headers.get("x-oss-traffic-limit") ?? this.query.get("x-oss-traffic-limit");
    if (limit !== undefined) {
      const bits = Number(limit);
      if (!Number.isInteger(bits) || bits < 245_760 || bits > 838_860_800) {
        throw invalidArgument(
          "x-oss-traffic-limit must be 245760 to 838860800 bit/s.",
          "x-oss-traffic-limit",
          limit,
        );
      }
      paces.push(new Pace(bits / 8));
    }
    return paces;
  }

  /** The request's body, subject to the faults of this request. */
  async *body(): AsyncGenerator<Buffer> {
    this.bodyTouched = true;
    if (this.expectsContinue) this.response.writeContinue();
    const paces = this.paces();
    let corrupt = this.fault("corrupt-body") !== undefined;
    for await (const chunk of readBody(this.request, this.state.settings.bodyTimeout)) {
      const before = this.entry.bytesReceived;
      this.entry.bytesReceived += chunk.length;
      await this.breakAt(before, chunk.length);
      for (const pace of paces) await pace.take(chunk.length, this.signal);
      if (corrupt) chunk[chunk.length >> 1]! ^= 1;
      corrupt = false;
      yield chunk;
    }
    // A body that is shorter than the fault expected must not let the fault pass unnoticed.
    await this.breakAt(this.entry.bytesReceived, Number.POSITIVE_INFINITY);
  }

  /** Breaks or stalls when the bytes [start, start + length) of a body hold the point where that is due. */
  async breakAt(start: number, length: number): Promise<void> {
    const due = (at: number | undefined) => at !== undefined && at >= start && at < start + length;
    if (due(this.fault("reset-mid-body")?.afterBytes) || due(this.resetAfter)) throw new Dropped();
    const stall = this.fault("stall");
    if (stall?.where === "mid-body" && due(stall.afterBytes ?? 0)) await sleep(stall.ms, this.signal);
  }

  /** A small body as text. */
  async text(limit: number): Promise<string> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of this.body()) {
      size += chunk.length;
      if (size > limit) throw new OssError(400, "MalformedXML", `The body must not exceed ${limit} bytes.`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
  }
}
