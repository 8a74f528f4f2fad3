import {
  type CallOptions,
  type Range,
  type RangeAnswer,
  type ReadRangeRequest,
  rangeSize,
  TransferError,
} from "@partwise/core/contract";
import type { Head } from "../http/answer.js";
import type { Ask, Client } from "../http/client.js";
import { invalid } from "../invalid.js";
import { checkKey } from "../key.js";
import { type Context, checksumOf, tagOf, understand } from "./context.js";

export async function readRange(
  context: Context,
  { key, range, tag, versionId, options }: ReadRangeRequest,
  { signal }: CallOptions,
): Promise<RangeAnswer> {
  checkKey(key);
  const what = `read ${context.locate(key)}`;
  if (range !== undefined && !(rangeSize(range) > 0)) throw invalid(`Could not ${what}: the range is empty.`);
  const ask: Ask = {
    what,
    method: "GET",
    key,
    query: versionId === undefined ? {} : { versionId },
    headers: {
      ...context.headers("read", options),
      ...(range === undefined
        ? {}
        : { range: `bytes=${range.start}-${range.end - 1}`, "x-oss-range-behavior": "standard" }),
      ...(tag === undefined ? {} : { "if-match": `"${tag}"` }),
    },
    writes: false,
    signal,
  };
  const { head, body } = await context.client.stream(ask);
  try {
    const found = understand(ask, head, () => placeOf(head, range));
    checkWhole(ask, found, range);
    return {
      ...head.meta,
      ...found,
      tag: understand(ask, head, () => tagOf(head)),
      ...checksumOf(head),
      body: exactly(context.client, ask, body as AsyncIterable<Uint8Array>, rangeSize(found.range)),
    };
  } catch (error) {
    body.on("error", () => {}).destroy();
    throw error;
  }
}

/**
 * What comes, as the answer says it. Without the standard behaviour, and through some caches, OSS answers a range
 * it does not like with the whole object: that is accepted only where the whole is what was asked for.
 */
function placeOf(head: Head, wanted: Range | undefined): { readonly range: Range; readonly size: number } {
  if (head.status === 206) {
    const found = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16})$/.exec(head.header("content-range") ?? "");
    if (found === null) throw new Error("no Content-Range");
    const [start, last, size] = found.slice(1).map(Number) as [number, number, number];
    if (start !== wanted?.start || last < start || last >= wanted.end || last >= size)
      throw new Error("another range than asked for");
    return { range: { start, end: last + 1 }, size };
  }
  const size = head.header("content-length");
  if (size === undefined || !/^\d{1,16}$/.test(size)) throw new Error("no Content-Length");
  return { range: { start: 0, end: Number(size) }, size: Number(size) };
}

/** Part of what was asked for is not what was asked for. */
function checkWhole(
  ask: Ask,
  { range, size }: { range: Range; size: number },
  wanted: Range | undefined,
): void {
  if (wanted === undefined || (range.start === wanted.start && range.end === wanted.end)) return;
  const problem =
    wanted.end > size
      ? `bytes ${wanted.start} to ${wanted.end} are not in it, it has ${size}`
      : `instead of bytes ${wanted.start} to ${wanted.end}, ${range.start} to ${range.end} came`;
  throw new TransferError("rejected", `Could not ${ask.what}: ${problem}.`);
}

async function* exactly(
  client: Client,
  ask: Ask,
  body: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array> {
  let came = 0;
  try {
    for await (const chunk of body) {
      came += chunk.byteLength;
      yield chunk;
    }
  } catch (error) {
    throw client.broken(ask, error);
  }
  if (came !== size)
    throw new TransferError("unavailable", `Could not ${ask.what}: ${came} of ${size} bytes came.`);
}
