import type { Readable } from "node:stream";
import { type Body, TransferError } from "@partwise/core/contract";
import { type CredentialSource, type Credentials, credentialSource } from "../credentials.js";
import { encodeQuery, headerBytes, keyPath } from "../encode.js";
import { ANSWER_BYTES_MAX, ERROR_BYTES_MAX } from "../limits.js";
import type { Settings } from "../options.js";
import type { SignableRequest } from "../sign/signable.js";
import { signV1 } from "../sign/v1.js";
import { signV4 } from "../sign/v4.js";
import { readError } from "../xml/documents.js";
import { errorInHeader, type Head, headOf, type Reply, readText } from "./answer.js";
import { networkError } from "./network.js";
import { nodeWire } from "./node-wire.js";
import { type Outgoing, outgoing } from "./outgoing.js";
import { type Refused, refusal } from "./refusal.js";
import { undiciWire } from "./undici-wire.js";
import { dispatcherWire, type Wire } from "./wire.js";

/** One request, before it is signed. */
export interface Ask {
  /** What it does, for messages: `put part 3 of oss://bucket/key`. */
  readonly what: string;
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** Absent: the request is about the bucket. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body | string;
  /** Whether it changes something at the remote: then a lost answer leaves that unknown. */
  readonly writes: boolean;
  readonly deniedAdvice?: string;
  readonly signal: AbortSignal;
}

/** A request on its way: what its answer is judged with. */
interface Sent {
  readonly ask: Ask;
  readonly used: Credentials;
  readonly signature: string;
  readonly head: Head;
  readonly body: Readable;
}

/** Signs and sends single requests; never twice. */
export class Client {
  readonly credentials: CredentialSource;
  readonly #settings: Settings;
  readonly #wire: Wire;
  /** Milliseconds by which the remote's clock is ahead of ours. */
  #offset = 0;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.credentials = credentialSource(settings.credentials, settings.clock);
    this.#wire = wireOf(settings);
  }

  /** Now, by the remote's clock as far as we know it. */
  now(): number {
    return this.#settings.clock.now() + this.#offset;
  }

  /** Sends, and reads the answer to its end. An answer that says no is thrown. */
  send(ask: Ask): Promise<Reply> {
    return this.#track(ask, () => this.#send(ask));
  }

  /** Sends, and leaves the body of an answer that says yes to the caller. */
  stream(ask: Ask): Promise<Sent> {
    return this.#track(ask, async () => {
      const sent = await this.#exchange(ask, undefined);
      if (!this.#agrees(sent)) throw this.#refuse(sent, await this.#read(sent));
      return sent;
    });
  }

  /** The error for a connection that failed under an answer's body. */
  broken(ask: Ask, error: unknown): unknown {
    if (ask.signal.aborted) return ask.signal.reason;
    return networkError({ what: ask.what, writes: ask.writes, host: this.#settings.endpoint.host }, error);
  }

  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#underWay).then(() => this.#wire.close());
    return this.#closing;
  }

  async #track<T>(ask: Ask, call: () => Promise<T>): Promise<T> {
    ask.signal.throwIfAborted();
    if (this.#closing !== undefined)
      throw new TransferError("rejected", `Could not ${ask.what}: this transport is closed.`);
    const work = call();
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }

  async #send(ask: Ask): Promise<Reply> {
    const pending = this.#outgoing(ask);
    try {
      const sent = await this.#exchange(ask, pending);
      const reply = await this.#read(sent);
      // OSS may begin to answer "200" before it knows, and then tell of an error.
      const no = !this.#agrees(sent) || (reply.status !== 203 && readError(reply.text) !== undefined);
      if (no) throw this.#refuse(sent, reply);
      if (pending !== undefined && !pending.complete())
        throw new TransferError(
          "unavailable",
          `Could not ${ask.what}: the answer came before its body was sent.`,
          {
            outcome: "unknown",
          },
        );
      return reply;
    } finally {
      pending?.end();
    }
  }

  #outgoing(ask: Ask): Outgoing | undefined {
    const { body } = ask;
    if (body === undefined || typeof body === "string" || body.size === 0) return undefined;
    return outgoing(body, ask.what, ask.signal);
  }

  async #exchange(ask: Ask, pending: Outgoing | undefined): Promise<Sent> {
    const used = await this.credentials.get(ask.signal);
    const { endpoint, userAgent, bucket } = this.#settings;
    const query = ask.query ?? {};
    const request: SignableRequest = {
      method: ask.method,
      bucket,
      ...(ask.key === undefined ? {} : { key: ask.key }),
      query,
      headers: ask.headers ?? {},
    };
    const signed = this.#sign(request, used);
    const authorization = signed.authorization ?? "";
    const search = encodeQuery(query);
    try {
      const response = await this.#wire.request({
        path: `${endpoint.prefix}/${keyPath(ask.key ?? "")}${search === "" ? "" : `?${search}`}`,
        method: ask.method,
        headers: wireHeaders({ ...signed, "user-agent": userAgent, ...lengthOf(ask) }),
        body: pending === undefined ? textOf(ask) : pending.bytes,
        signal: ask.signal,
      });
      const head = headOf(response);
      if (head.status < 401 || head.status === 404) this.credentials.confirm(used);
      const signature = /(?:Signature=|:)([^,:]+)$/.exec(authorization)?.[1] ?? "";
      return { ask, used, signature, head, body: response.body };
    } catch (error) {
      if (ask.signal.aborted) throw ask.signal.reason;
      throw pending?.failure() ?? this.broken(ask, error);
    }
  }

  #sign(request: SignableRequest, used: Credentials): Record<string, string> {
    const { product, scopeRegion, signature } = this.#settings;
    const time = this.now();
    if (signature === "v1") return signV1(request, used, time);
    return signV4(request, used, { time, product, region: scopeRegion ?? "" });
  }

  #agrees({ ask, head }: Sent): boolean {
    const stored = head.status === 203 && ask.headers?.["x-oss-callback"] !== undefined;
    return head.status === 200 || head.status === 204 || head.status === 206 || stored;
  }

  #refuse({ ask, used, signature }: Sent, reply: Reply): TransferError {
    const now = this.#settings.clock.now();
    const refused: Refused = {
      what: ask.what,
      writes: ask.writes,
      used,
      signature,
      source: this.credentials,
      deniedAdvice: ask.deniedAdvice,
      learnTime: (remoteTime) => {
        this.#offset = remoteTime - now;
      },
      now,
    };
    return refusal(reply, refused);
  }

  async #read(sent: Sent): Promise<Reply> {
    const { ask, body, head } = sent;
    const agrees = this.#agrees(sent);
    let text: string | undefined;
    try {
      text = await readText(body, agrees ? ANSWER_BYTES_MAX : ERROR_BYTES_MAX);
    } catch (error) {
      if (ask.signal.aborted || agrees) throw this.broken(ask, error);
      // The status has said no; the rest would only have said why.
      text = "";
    }
    if (text === undefined && agrees)
      throw new TransferError(
        "rejected",
        `Could not ${ask.what}: the answer is longer than ${ANSWER_BYTES_MAX} bytes.`,
        {
          outcome: ask.writes ? "unknown" : "not-applied",
          ...(head.meta.requestId === undefined ? {} : { requestId: head.meta.requestId }),
        },
      );
    return { ...head, text: text || errorInHeader(head) };
  }
}

function wireOf({ dispatcher, http, endpoint, connections = Infinity, connectTimeout }: Settings): Wire {
  const { origin } = endpoint;
  if (dispatcher !== undefined) return dispatcherWire(dispatcher, origin);
  return (http === "node" ? nodeWire : undiciWire)({ origin, connections, connectTimeout });
}

function textOf({ body }: Ask): string | undefined {
  return typeof body === "string" ? body : undefined;
}

function lengthOf({ body }: Ask): Record<string, string> {
  if (body === undefined) return {};
  return { "content-length": String(typeof body === "string" ? Buffer.byteLength(body) : body.size) };
}

function wireHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, headerBytes(value)]));
}
