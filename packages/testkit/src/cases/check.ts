import { isTransferError, type TransferError, type TransferErrorCode } from "@partwise/core/contract";

/** A subject that does not do what the case says. */
export class CaseFailure extends Error {
  override readonly name = "CaseFailure";
}

/** Fails unless the condition holds. */
export function ensure(condition: boolean, what: string): asserts condition {
  if (!condition) throw new CaseFailure(what);
}

/** Fails unless both are the same JSON; the order of names does not count. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const [found, wanted] = [stable(actual), stable(expected)];
  if (found !== wanted) throw new CaseFailure(`${what}: wanted ${short(wanted)}, found ${short(found)}`);
}

/** Fails unless the bytes are the same; says where they part. */
export function equalBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  equal(actual.length, expected.length, `${what}, size in bytes`);
  const at = actual.findIndex((byte, index) => byte !== expected[index]);
  ensure(at === -1, `${what}: differs from byte ${at} on`);
}

/** Fails unless the work is refused with a `TransferError` of one of these codes (any, when none is named). */
export async function refused(
  work: () => Promise<unknown>,
  codes: TransferErrorCode | readonly TransferErrorCode[],
  what: string,
): Promise<TransferError> {
  const list = typeof codes === "string" ? [codes] : codes;
  const error = await thrown(work, `${what}: wanted ${list.join(" or ") || "an error"}, but it succeeded`);
  if (!isTransferError(error)) throw new CaseFailure(`${what}: wanted a TransferError, got ${String(error)}`);
  if (list.length > 0 && !list.includes(error.code)) {
    throw new CaseFailure(`${what}: wanted ${list.join(" or ")}, got ${error.code} (${error.message})`);
  }
  ensure(error.message.length > 0, `${what}: the error has no message`);
  return error;
}

/** What the work throws; fails when it throws nothing. */
export async function thrown(work: () => Promise<unknown>, otherwise: string): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new CaseFailure(otherwise);
}

/** Every item of an async iterable. */
export async function gather<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The result, or a failure when real time runs out: a case that hangs must say so. */
export async function soon<T>(work: Promise<T>, what: string, ms = 10_000): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CaseFailure(`${what}: not within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function stable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stable).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).filter(([, each]) => each !== undefined);
    members.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([name, each]) => `${JSON.stringify(name)}:${stable(each)}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? String(value);
}

function short(text: string): string {
  return text.length <= 300 ? text : `${text.slice(0, 300)}… (${text.length} characters)`;
}

/** Whether a caught value is a `TransferError` of one of these codes. */
export function isOneOf(error: unknown, ...codes: readonly TransferErrorCode[]): boolean {
  return isTransferError(error, ...codes);
}
