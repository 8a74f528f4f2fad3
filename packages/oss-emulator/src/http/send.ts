import { once } from "node:events";
import type { Exchange, Reply } from "./exchange.js";
import { headerBytes } from "./headers.js";
import { Dropped, sleep } from "./sleep.js";

/** Sends an answer and notes in the log how far it got. */
export async function send(exchange: Exchange, reply: Reply): Promise<void> {
  const { response, entry } = exchange;
  if (exchange.signal.aborted) throw new Dropped();
  if (exchange.loseAnswer || exchange.fault("lost-answer")) throw new Dropped();
  const stall = exchange.fault("stall");
  if (stall?.where === "answer" && stall.afterBytes === undefined) await sleep(stall.ms, exchange.signal);
  writeHead(exchange, reply);
  if (typeof reply.body === "object" && entry.method !== "HEAD" && !exchange.response.destroyed) {
    await sendStream(exchange, reply.body.stream);
    response.end();
  } else {
    const text = typeof reply.body === "string" && entry.method !== "HEAD" ? reply.body : "";
    entry.bytesSent = Buffer.byteLength(text);
    response.end(text);
  }
  await handedOver(exchange);
  entry.acknowledged = response.writableFinished;
}

function writeHead(exchange: Exchange, reply: Reply): void {
  const { response, entry } = exchange;
  const now = exchange.now();
  response.statusCode = reply.status;
  response.setHeader("Server", "AliyunOSS");
  response.setHeader("Date", new Date(now).toUTCString());
  response.setHeader("x-oss-request-id", entry.requestId);
  response.setHeader(
    "x-oss-server-time",
    String(Math.max(0, Math.round(performance.now() - exchange.startedAt))),
  );
  const headers = { ...reply.headers };
  const checksum = headers["x-oss-hash-crc64ecma"];
  if (checksum !== undefined && exchange.fault("wrong-checksum")) {
    headers["x-oss-hash-crc64ecma"] = (BigInt(checksum) ^ 1n).toString();
  }
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) response.setHeader(name, headerBytes(value));
  }
  if (typeof reply.body === "object") response.setHeader("Content-Length", reply.body.length);
  else if (reply.body !== undefined && entry.method !== "HEAD") {
    response.setHeader("Content-Length", Buffer.byteLength(reply.body));
  } else if (reply.status !== 204 && reply.status !== 304 && headers["Content-Length"] === undefined) {
    response.setHeader("Content-Length", 0);
  }
  entry.status = reply.status;
  if (reply.code !== undefined) entry.code = reply.code;
}

async function sendStream(exchange: Exchange, stream: AsyncIterable<Buffer>): Promise<void> {
  const { response, entry, signal } = exchange;
  const paces = exchange.paces();
  const stall = exchange.fault("stall");
  const silentAt = stall?.where === "answer" ? stall.afterBytes : undefined;
  const brokenAt = exchange.hasBody ? undefined : exchange.fault("reset-mid-body")?.afterBytes;
  let corrupt = exchange.fault("corrupt-body") !== undefined && !exchange.hasBody;
  for await (const bytes of stream) {
    const chunk = corrupt ? flipped(bytes) : bytes;
    corrupt = false;
    let sent = 0;
    for (const cut of [silentAt, brokenAt]) {
      const at = cut === undefined ? -1 : cut - entry.bytesSent;
      if (at < 0 || at >= chunk.length) continue;
      await new Promise((resolve) => response.write(chunk.subarray(sent, at), resolve));
      sent = at;
      if (cut === brokenAt) throw new Dropped();
      await sleep(stall?.ms, signal);
    }
    for (const pace of paces) await pace.take(chunk.length, signal);
    if (signal.aborted) throw new Dropped();
    if (!response.write(chunk.subarray(sent))) await drained(exchange);
    entry.bytesSent += chunk.length;
  }
  if (brokenAt !== undefined) throw new Dropped();
}

/** Waits until the answer is with the socket, or the connection has gone. */
async function handedOver({ response, signal }: Exchange): Promise<void> {
  if (response.writableFinished || signal.aborted) return;
  await new Promise<unknown>((resolve) => {
    response.once("finish", resolve);
    signal.addEventListener("abort", resolve, { once: true });
  });
}

async function drained(exchange: Exchange): Promise<void> {
  await once(exchange.response, "drain", { signal: exchange.signal }).catch(() => {
    throw new Dropped();
  });
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) copy[copy.length >> 1]! ^= 1;
  return copy;
}
