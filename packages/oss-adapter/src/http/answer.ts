import type { Readable } from "node:stream";
import type { Answer } from "@partwise/core/contract";
import type { WireAnswer } from "./wire.js";

/** The head of an answer. */
export interface Head {
  readonly status: number;
  /** First value of a header, by its name in lower case. */
  header(name: string): string | undefined;
  /** What every answer of the port carries. */
  readonly meta: Answer;
}

/** An answer that was read to its end. */
export interface Reply extends Head {
  readonly text: string;
}

export function headOf(response: WireAnswer): Head {
  const header = (name: string) => {
    const value = response.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const requestId = header("x-oss-request-id");
  const remoteTime = remoteTimeOf(header("x-oss-server-time"), header("date"));
  return {
    status: response.status,
    header,
    meta: {
      ...(requestId !== undefined && /^[\w-]{1,128}$/.test(requestId) ? { requestId } : {}),
      ...(remoteTime === undefined ? {} : { remoteTime }),
    },
  };
}

/** 2010 to 2200: outside of it a clock was never set, or the number is not a time. */
const PLAUSIBLE = { from: Date.UTC(2010), to: Date.UTC(2200) };

/** A moment told by a remote, or `undefined` where it cannot be one. */
export function plausibleTime(time: number | undefined): number | undefined {
  if (time === undefined || !(time >= PLAUSIBLE.from && time < PLAUSIBLE.to)) return undefined;
  return time;
}

/** `x-oss-server-time` is a moment in some answers and the time spent, in milliseconds, in others. */
function remoteTimeOf(serverTime: string | undefined, date: string | undefined): number | undefined {
  const exact = serverTime !== undefined && /^\d+$/.test(serverTime) ? Number(serverTime) : undefined;
  return plausibleTime(exact) ?? plausibleTime(date === undefined ? undefined : Date.parse(date));
}

/** The text of a body; `undefined`, with the connection closed, when it is longer than `max` bytes. */
export function readText(body: Readable, max: number): Promise<string | undefined> {
  // By events: iterating costs more than all the rest of a short answer.
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    body.on("data", (chunk: Uint8Array) => {
      size += chunk.byteLength;
      if (size <= max) {
        chunks.push(chunk);
        return;
      }
      resolve(undefined);
      body.destroy();
    });
    body.once("end", () => resolve(size === 0 ? "" : Buffer.concat(chunks, size).toString("utf8")));
    body.on("error", reject);
    body.once("close", () => {
      if (!body.readableEnded) reject(new Error("The answer broke off."));
    });
  });
}

/** The error document of an answer without a body (to HEAD), in base64; empty where there is none. */
export function errorInHeader(head: Head): string {
  const encoded = head.header("x-oss-err");
  return encoded === undefined ? "" : Buffer.from(encoded, "base64").toString("utf8");
}
