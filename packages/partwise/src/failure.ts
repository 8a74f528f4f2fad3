import { isTransferError, TransferError, type TransferErrorCode } from "@partwise/core";
import { printable } from "./report/format.js";

/** What the program's exit status says. */
export const exitStatus = {
  done: 0,
  other: 1,
  usage: 2,
  source: 3,
  refused: 4,
  paused: 5,
  held: 6,
} as const;

const ofCode: Partial<Record<TransferErrorCode, number>> = {
  "invalid-options": exitStatus.usage,
  "already-exists": exitStatus.refused,
  "object-mismatch": exitStatus.other,
};

const ofGroup = {
  caller: exitStatus.source,
  holder: exitStatus.held,
  memory: exitStatus.other,
  "remote-final": exitStatus.refused,
  "remote-passing": exitStatus.paused,
} as const;

/** A command that was written wrongly. */
export function usageError(message: string): TransferError<"invalid-options"> {
  return new TransferError("invalid-options", message);
}

/** The user asked to stop for now. */
export class Paused extends Error {
  override readonly name = "Paused";
}

/** A failure as the program tells it, on stderr and in the last `--json` line. */
export interface Failure {
  readonly type: "error";
  /** A `TransferErrorCode`, `interrupted`, or `unexpected`. */
  readonly code: string;
  /** One line, without a secret. */
  readonly message: string;
  readonly exitCode: number;
  readonly outcome?: string;
  readonly retryable?: boolean;
  readonly requestId?: string;
  readonly details?: object;
}

/** Puts any thrown value into the program's words. `secrets` are blotted out wherever they stand. */
export function failureOf(error: unknown, secrets: readonly string[]): Failure {
  const say = (text: string) => blot(printable(text.replace(/\s*\n\s*/g, " ")), secrets);
  if (isTransferError(error)) {
    const { code, outcome, retryable, requestId, details } = error;
    return {
      type: "error",
      code,
      message: say(error.message),
      exitCode: ofCode[code] ?? ofGroup[error.group],
      outcome,
      retryable,
      ...(requestId !== undefined && { requestId }),
      ...(Object.keys(details).length > 0 && {
        details: JSON.parse(blot(JSON.stringify(details), secrets)) as object,
      }),
    };
  }
  const message = say(error instanceof Error ? error.message || error.name : String(error));
  return error instanceof Paused
    ? { type: "error", code: "interrupted", message, exitCode: exitStatus.paused, retryable: true }
    : { type: "error", code: "unexpected", message, exitCode: exitStatus.other };
}

/** The stack and its causes, for `PARTWISE_DEBUG=1`. */
export function traceOf(error: unknown, secrets: readonly string[]): string {
  const traces: string[] = [];
  for (let each = error; each instanceof Error && traces.length < 10; each = each.cause) {
    traces.push(each.stack ?? String(each));
  }
  return blot(traces.join("\ncaused by "), secrets);
}

function blot(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
}
