import type { Receipt, Session, Transport } from "@partwise/core/contract";
import { crc64 } from "../../model/crc64.js";
import { concat } from "../../model/state.js";
import { ensure, equal, equalBytes, gather } from "../check.js";
import { bodyOf } from "./bodies.js";
import { calmly, type TransportSubject } from "./subject.js";

/** A session of its own, on a transport of its own. */
export async function begin(subject: TransportSubject, name: string) {
  const transport = await subject.transport();
  const key = subject.key(name);
  const { session } = await transport.openSession({ key }, calmly());
  equal(session.key, key, "key of the session");
  ensure(session.id.length > 0, "the session has no id");
  const put = (number: number, bytes: Uint8Array) => putPart(transport, session, number, bytes);
  return { transport, key, session, put };
}

export async function putPart(
  transport: Transport,
  session: Session,
  number: number,
  bytes: Uint8Array,
): Promise<Receipt> {
  const { receipt } = await transport.putPart({ session, number, body: bodyOf(bytes) }, calmly());
  checkReceipt(transport, receipt, number, bytes);
  return receipt;
}

/** Fails unless the receipt tells what was sent. */
export function checkReceipt(
  transport: Transport,
  receipt: Receipt,
  number: number,
  bytes: Uint8Array,
): void {
  equal([receipt.number, receipt.size], [number, bytes.length], "number and size of the receipt");
  ensure(receipt.tag.length > 0 && !receipt.tag.includes('"'), `tag of the receipt: ${receipt.tag}`);
  checkSum(transport.abilities.partChecksums, receipt.checksum, bytes, `checksum of part ${number}`);
}

/** Fails unless a declared checksum is there and, where the kit can compute it, right. */
export function checkSum(
  kinds: readonly string[],
  found: { readonly kind: string; readonly value: string } | undefined,
  bytes: Uint8Array,
  what: string,
): void {
  if (kinds.length === 0) return;
  ensure(found !== undefined, `${what}: declared and not reported`);
  ensure(kinds.includes(found.kind), `${what}: ${found.kind} was not declared`);
  if (found.kind === "crc64ecma") equal(found.value, crc64(bytes), what);
}

/** Every part of a session as listed; fails when numbers do not ascend. */
export async function partsOf(transport: Transport, session: Session, after?: number): Promise<Receipt[]> {
  const pages = await gather(
    transport.listParts({ session, ...(after !== undefined && { after }) }, calmly()),
  );
  const parts = pages.flatMap((page) => page.parts);
  const disorder = parts.find(
    (part, index) => index > 0 && part.number <= (parts[index - 1] as Receipt).number,
  );
  ensure(disorder === undefined, `part ${disorder?.number} is listed after its place`);
  return parts;
}

/** All bytes of an object. */
export async function bytesOf(transport: Transport, key: string): Promise<Uint8Array> {
  const { body } = await transport.readRange({ key }, calmly());
  return collect(body);
}

/** All bytes of a body, each chunk copied at once. */
export async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk.slice());
  return concat(chunks);
}

/** Fails unless the remote holds these bytes under the key. */
export async function checkObject(transport: Transport, key: string, bytes: Uint8Array): Promise<void> {
  const found = await transport.findObject({ key }, calmly());
  ensure(found !== undefined, `${key} is not there`);
  equal([found.key, found.size], [key, bytes.length], "key and size found");
  checkSum(transport.abilities.objectChecksums, found.checksum, bytes, "checksum found");
  if (transport.abilities.readRange) equalBytes(await bytesOf(transport, key), bytes, "bytes read");
}

/** Fails unless there is no such object. */
export async function checkAbsent(transport: Transport, key: string): Promise<void> {
  equal(await transport.findObject({ key }, calmly()), undefined, `what is found under ${key}`);
}

/**
 * Fails unless every reader of the body was read to its end or given back. Freeing may take a turn or two of the
 * event loop after the call has ended; a second is ample.
 */
export async function checkFreed(body: { readonly unfreed: number }, what: string): Promise<void> {
  for (let turn = 0; turn < 200 && body.unfreed > 0; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  ensure(body.unfreed === 0, `${what}: the reader was not freed`);
}
