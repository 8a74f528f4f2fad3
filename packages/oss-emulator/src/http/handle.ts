import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { answerAdmin, isAdmin } from "../admin/admin.js";
import { operationOf, perform } from "../operations/route.js";
import { tokenExpired, verify } from "../sign/verify.js";
import type { State } from "../state.js";
import { errorXml, noSuchKey, OssError } from "./errors.js";
import { Exchange, type Reply } from "./exchange.js";
import { readHeaders, redact } from "./headers.js";
import type { LoggedRequest } from "./log.js";
import { send } from "./send.js";
import { Dropped, sleep } from "./sleep.js";
import { parseTarget, Query, type Target } from "./target.js";

/** What is drained before an error is answered; of longer bodies the rest is cut off. */
const DRAIN_LIMIT = 64 * 1024 * 1024;

/** Why a request is aborted; one for all, as making an exception each time is slow. */
const GONE = new Dropped();

/** Handles one request from arrival to the last byte of its answer. Never throws. */
export async function handle(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
  expectsContinue: boolean,
): Promise<void> {
  const gone = new AbortController();
  state.live.add(gone);
  response.on("close", () => gone.abort(GONE));
  response.on("error", () => {});
  request.on("error", () => {});
  const headers = readHeaders(request.rawHeaders);
  const method = request.method ?? "GET";
  let target: Target = { bucket: undefined, key: undefined, query: new Query([]) };
  let refusal: unknown;
  try {
    target = parseTarget(request.url ?? "/", headers.get("host"), state.settings.domains);
  } catch (error) {
    refusal = error;
  }
  const operation = operationOf(method, target, headers);
  const admin = isAdmin(target);
  const entry = newEntry(
    state,
    method,
    target,
    typeof operation === "string" ? operation : "Unknown",
    redact(headers),
  );
  const exchange = new Exchange(state, request, response, target, headers, entry, gone.signal);
  exchange.expectsContinue = expectsContinue;
  if (!admin) state.log.add(entry);
  try {
    let reply: Reply;
    try {
      if (refusal !== undefined) throw refusal;
      reply = admin ? await answerAdmin(exchange) : await work(exchange, operation);
    } catch (error) {
      reply = await refuse(exchange, error);
    }
    await send(exchange, reply);
  } catch (error) {
    if (!(error instanceof Dropped)) entry.code ??= describe(error);
    if (!entry.acknowledged) reset(exchange);
  } finally {
    entry.duration = performance.now() - exchange.startedAt;
    entry.finished = true;
    state.live.delete(gone);
  }
}

async function work(exchange: Exchange, operation: ReturnType<typeof operationOf>): Promise<Reply> {
  const { state, entry, request, signal } = exchange;
  await state.network.arrive(request.socket, signal);
  exchange.faults.push(...state.faults.take(entry));
  drawReset(exchange);
  const delay = exchange.fault("delay");
  if (delay) await sleep(delay.ms, signal);
  if (exchange.fault("reset-before")) throw new Dropped();
  const stall = exchange.fault("stall");
  if (stall?.where === "before-body") await sleep(stall.ms, signal);
  const forced = exchange.fault("status");
  if (forced) {
    throw new OssError(
      forced.status,
      forced.code ?? codeOf(forced.status),
      forced.message ?? "Injected by a fault rule.",
    );
  }
  if (exchange.fault("credentials-expired")) throw tokenExpired();
  authorize(exchange);
  if (exchange.fault("session-gone")) await dropSession(exchange);
  return perform(exchange, operation);
}

function drawReset(exchange: Exchange): void {
  const length = Number(exchange.headers.get("content-length") ?? 0);
  const at = exchange.state.network.drawReset(length || 2);
  if (at === undefined) return;
  if (length > 0) exchange.resetAfter = at;
  else if (at === 0) throw new Dropped();
  else exchange.loseAnswer = true;
}

function authorize(exchange: Exchange): void {
  const { state, target, headers, entry } = exchange;
  const signable = { method: entry.method, ...target, query: target.query.pairs, headers };
  const { credentials, settings } = state;
  const caller = verify(signable, { credentials, region: settings.region, now: exchange.now() });
  if (caller !== undefined) return;
  const object = state.disk.buckets.get(target.bucket ?? "")?.objects.get(target.key ?? "");
  const reading = ["GetObject", "HeadObject", "GetObjectMeta"].includes(entry.operation);
  if (reading && object?.acl.startsWith("public-read")) return;
  throw new OssError(403, "AccessDenied", "You have no right to access this object because of bucket acl.");
}

async function dropSession(exchange: Exchange): Promise<void> {
  const bucket = exchange.state.disk.buckets.get(exchange.target.bucket ?? "");
  const session = bucket?.sessions.get(exchange.entry.uploadId ?? "");
  if (bucket && session) await bucket.dropSession(session);
}

/** The answer for whatever an operation threw. */
async function refuse(exchange: Exchange, thrown: unknown): Promise<Reply> {
  if (thrown instanceof Dropped) throw thrown;
  const error = thrown instanceof OssError ? thrown : unexpected(thrown);
  await drain(exchange, error);
  const forced = exchange.fault("status");
  const xml = errorXml(error, exchange.entry.requestId, exchange.headers.get("host") ?? "");
  const body = forced?.body ?? xml;
  const headers: Record<string, string> = { "x-oss-ec": error.ec };
  if (body !== "") headers["Content-Type"] = body.startsWith("<?xml") ? "application/xml" : "text/html";
  if (forced?.retryAfter !== undefined) headers["Retry-After"] = String(forced.retryAfter);
  if (exchange.entry.method === "HEAD" || forced?.errHeader) {
    headers["x-oss-err"] = Buffer.from(xml).toString("base64");
  }
  return { status: error.status, code: error.code, headers, body };
}

function unexpected(thrown: unknown): OssError {
  return new OssError(500, "InternalError", `We encountered an internal error. ${describe(thrown)}`);
}

const describe = (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown));

/**
 * Reads what is left of the body before an error is answered: a client that is still sending would otherwise
 * see a broken connection as often as the answer. Nothing is drained that the client has not begun to send.
 */
async function drain(exchange: Exchange, error: OssError): Promise<void> {
  const { request, response, signal } = exchange;
  if (!exchange.hasBody || request.readableEnded) return;
  const waits = exchange.expectsContinue && !exchange.bodyTouched;
  const long = Number(exchange.headers.get("content-length") ?? 0) > DRAIN_LIMIT;
  if (waits || long || error.code === "RequestTimeout") {
    response.setHeader("Connection", "close");
    return;
  }
  await new Promise<void>((resolve) => {
    request.once("end", resolve).once("close", resolve).resume();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function reset({ request: { socket } }: Exchange): void {
  // A TLS socket cannot send a reset of its own.
  if ("encrypted" in socket) socket.destroy();
  else socket.resetAndDestroy();
}

function codeOf(status: number): string {
  const codes: Record<number, string> = {
    403: "AccessDenied",
    404: noSuchKey("").code,
    500: "InternalError",
    503: "ServiceUnavailable",
  };
  return codes[status] ?? (status >= 500 ? "InternalError" : "BadRequest");
}

function newEntry(
  state: State,
  method: string,
  target: Target,
  operation: string,
  headers: Readonly<Record<string, string>>,
): LoggedRequest {
  const uploadId = target.query.get("uploadId");
  const partNumber = Number(target.query.get("partNumber") ?? Number.NaN);
  return {
    at: state.settings.now(),
    method,
    operation,
    bucket: target.bucket,
    key: target.key,
    ...(uploadId ? { uploadId } : {}),
    ...(Number.isInteger(partNumber) ? { partNumber } : {}),
    headers,
    requestId: nextRequestId(),
    status: 0,
    bytesReceived: 0,
    bytesSent: 0,
    acknowledged: false,
    finished: false,
  };
}

const ID_START = randomBytes(6).toString("hex").toUpperCase();
let lastId = 0;

function nextRequestId(): string {
  return ID_START + (++lastId).toString(16).toUpperCase().padStart(12, "0");
}
