import type { JsonValue } from "./model/json.js";

/** Whether the remote (or the store) did what was asked, when the call failed. */
export type Outcome = "not-applied" | "applied" | "unknown";

/** Who must act: see {@link errorTable}. */
export type ErrorGroup = "caller" | "holder" | "memory" | "remote-final" | "remote-passing";

/**
 * Every way a transfer can fail, who must act, and whether trying the same again can help.
 * This table is the only place that says what is retried.
 */
export const errorTable = {
  "invalid-options": { group: "caller", retryable: false },
  "source-changed": { group: "caller", retryable: false },
  "source-unreadable": { group: "caller", retryable: false },
  "too-large": { group: "caller", retryable: false },
  "already-exists": { group: "caller", retryable: false },
  "lease-held": { group: "holder", retryable: false },
  "lease-lost": { group: "holder", retryable: false },
  "checkpoint-unreadable": { group: "memory", retryable: false },
  "checkpoint-too-new": { group: "memory", retryable: false },
  "store-unavailable": { group: "memory", retryable: true },
  denied: { group: "remote-final", retryable: false },
  "not-found": { group: "remote-final", retryable: false },
  rejected: { group: "remote-final", retryable: false },
  "session-gone": { group: "remote-final", retryable: false },
  "part-refused": { group: "remote-final", retryable: false },
  "object-changed": { group: "remote-final", retryable: false },
  "object-mismatch": { group: "remote-final", retryable: false },
  unsupported: { group: "remote-final", retryable: false },
  "rate-limited": { group: "remote-passing", retryable: true },
  unavailable: { group: "remote-passing", retryable: true },
  "timed-out": { group: "remote-passing", retryable: true },
  stalled: { group: "remote-passing", retryable: true },
  "part-corrupt": { group: "remote-passing", retryable: true },
  "credentials-expired": { group: "remote-passing", retryable: true },
  "clock-skewed": { group: "remote-passing", retryable: true },
} as const satisfies Record<string, { group: ErrorGroup; retryable: boolean }>;

/** One of the codes of {@link errorTable}. */
export type TransferErrorCode = keyof typeof errorTable;

/** Facts about a refusal by the remote. */
export interface RemoteDetails {
  /** HTTP status. */
  readonly status?: number;
  /** The provider's own error code. */
  readonly providerCode?: string;
  /** The provider's own words. */
  readonly providerMessage?: string;
  /** How long the remote asks to wait, in milliseconds. */
  readonly retryAfter?: number;
}

interface SpecialDetails {
  "lease-held": {
    readonly lease: string;
    readonly holder: string;
    readonly expiresAt: number;
    readonly expiresIn: number;
  };
  "lease-lost": { readonly lease: string };
  "checkpoint-unreadable": { readonly id: string; readonly keptAt?: string };
  "checkpoint-too-new": { readonly id: string; readonly version: number };
  "part-corrupt": { readonly number: number; readonly expected: string; readonly actual: string };
  "object-mismatch": { readonly key: string; readonly expected: string; readonly actual: string };
}

/** Typed facts that come with a code. */
export type ErrorDetails<C extends TransferErrorCode> = C extends keyof SpecialDetails
  ? SpecialDetails[C]
  : RemoteDetails & { readonly [name: string]: JsonValue | undefined };

/** Options of {@link TransferError}. */
export interface TransferErrorOptions<C extends TransferErrorCode> {
  /** Default `not-applied`. */
  readonly outcome?: Outcome;
  /** Default: as the table says. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
  readonly requestId?: string;
  /** Default `{}`. */
  readonly details?: ErrorDetails<C>;
}

const brand: unique symbol = Symbol.for("partwise.TransferError") as never;

/**
 * The one error of Partwise. Its message says what failed, on what, and what to do; it never holds a secret or a
 * signed URL. Recognise it with {@link isTransferError}: two copies of a package still understand each other.
 */
export class TransferError<C extends TransferErrorCode = TransferErrorCode> extends Error {
  override readonly name = "TransferError";
  readonly [brand] = true;
  readonly code: C;
  readonly outcome: Outcome;
  readonly retryable: boolean;
  readonly details: ErrorDetails<C>;
  readonly requestId: string | undefined;

  constructor(code: C, message: string, options: TransferErrorOptions<C> = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.outcome = options.outcome ?? "not-applied";
    this.retryable = options.retryable ?? errorTable[code].retryable;
    this.details = options.details ?? ({} as ErrorDetails<C>);
    this.requestId = options.requestId;
  }

  /** Who must act. */
  get group(): ErrorGroup {
    return errorTable[this.code].group;
  }
}

/** Whether a caught value is a `TransferError`, of the given code or codes if any are named. */
export function isTransferError<C extends TransferErrorCode = TransferErrorCode>(
  error: unknown,
  ...codes: readonly C[]
): error is TransferError<C> {
  if (typeof error !== "object" || error === null || (error as Record<symbol, unknown>)[brand] !== true)
    return false;
  return codes.length === 0 || codes.includes((error as TransferError<C>).code);
}
