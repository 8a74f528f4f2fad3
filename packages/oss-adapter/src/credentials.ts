import { type Clock, isTransferError, TransferError } from "@partwise/core/contract";
import { invalid } from "./invalid.js";

/** What requests are signed with. Never part of a message, journal, event or log. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** Token of temporary (STS) credentials. */
  readonly securityToken?: string;
  /** Milliseconds since 1970 at which they end. @default never */
  readonly expiresAt?: number;
}

/**
 * Gives credentials when asked: at the first request, a minute before they expire, and when the remote calls them
 * expired. Calls never overlap. A rejection that is no `TransferError` counts as passing, and is tried again.
 */
export type CredentialsProvider = () => Promise<Credentials>;

/**
 * Credentials from `OSS_ACCESS_KEY_ID`, `OSS_ACCESS_KEY_SECRET` and, for temporary ones, `OSS_SESSION_TOKEN`;
 * read when first needed. Rejects with `invalid-options` naming the variables that are missing.
 */
export function environmentCredentials(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): CredentialsProvider {
  return async () => {
    const accessKeyId = environment.OSS_ACCESS_KEY_ID?.trim();
    const accessKeySecret = environment.OSS_ACCESS_KEY_SECRET?.trim();
    const securityToken = environment.OSS_SESSION_TOKEN?.trim();
    if (!accessKeyId || !accessKeySecret) {
      const missing = [
        ...(accessKeyId ? [] : ["OSS_ACCESS_KEY_ID"]),
        ...(accessKeySecret ? [] : ["OSS_ACCESS_KEY_SECRET"]),
      ].join(" and ");
      throw invalid(
        `No OSS credentials: set ${missing} (and OSS_SESSION_TOKEN for temporary ones), or give the option "credentials".`,
      );
    }
    return { accessKeyId, accessKeySecret, ...(securityToken ? { securityToken } : {}) };
  };
}

/** Refreshed this many milliseconds before they expire, or at half their life if that is shorter. */
const AHEAD = 60_000;

/** Credentials as the requests of one transport share them. */
export interface CredentialSource {
  get(signal: AbortSignal): Promise<Credentials>;
  /**
   * The remote calls these expired. Says whether another try can help: not when they are fixed, or when the
   * provider has just given the same ones again. Many requests may say so of one object: one refresh follows.
   */
  invalidate(used: Credentials): boolean;
  /** The remote has accepted these: whatever it said of the same ones before is past. */
  confirm(used: Credentials): void;
}

export function credentialSource(given: Credentials | CredentialsProvider, clock: Clock): CredentialSource {
  if (typeof given !== "function") {
    const fixed = checkedCredentials(given, "The option credentials");
    return { get: async () => fixed, invalidate: () => false, confirm: () => {} };
  }
  return new ProvidedCredentials(given, clock);
}

class ProvidedCredentials implements CredentialSource {
  #current: Credentials | undefined;
  #refreshAt = Number.POSITIVE_INFINITY;
  #refused: Credentials | undefined;
  #asking: Promise<Credentials> | undefined;

  constructor(
    private readonly provider: CredentialsProvider,
    private readonly clock: Clock,
  ) {}

  async get(signal: AbortSignal): Promise<Credentials> {
    const current = this.#current;
    if (current !== undefined && this.clock.now() < this.#refreshAt) return current;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    try {
      return await unlessAborted(this.#asking, signal);
    } catch (error) {
      // A provider that fails ahead of time does no harm while what we have is still good.
      const usable = current !== undefined && current === this.#current;
      if (usable && !signal.aborted && this.clock.now() < (current.expiresAt ?? 0)) return current;
      throw error;
    }
  }

  invalidate(used: Credentials): boolean {
    if (this.#refused !== undefined && this.#refused !== used && same(this.#refused, used)) return false;
    this.#refused = used;
    if (this.#current === used) this.#current = undefined;
    return true;
  }

  confirm(used: Credentials): void {
    if (this.#refused !== undefined && this.#refused !== used && same(this.#refused, used))
      this.#refused = undefined;
  }

  async #ask(): Promise<Credentials> {
    let answer: Credentials;
    try {
      answer = await this.provider();
    } catch (error) {
      if (isTransferError(error)) throw error;
      throw new TransferError(
        "unavailable",
        "The credentials provider failed; see the cause. Nothing was sent.",
        { cause: error },
      );
    }
    const fresh = checkedCredentials(answer, "The credentials provider's answer");
    const now = this.clock.now();
    this.#current = fresh;
    this.#refreshAt =
      fresh.expiresAt === undefined
        ? Number.POSITIVE_INFINITY
        : fresh.expiresAt - Math.min(AHEAD, Math.max(0, (fresh.expiresAt - now) / 2));
    return fresh;
  }
}

function same(a: Credentials, b: Credentials): boolean {
  return (
    a.accessKeyId === b.accessKeyId &&
    a.accessKeySecret === b.accessKeySecret &&
    a.securityToken === b.securityToken
  );
}

/** Waits for work that others share, leaving it to them when aborted. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    if (signal.aborted) {
      work.catch(() => {});
      leave();
      return;
    }
    signal.addEventListener("abort", leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}

const PRINTABLE = /^[\x21-\x7e]+$/;

/** A private, checked copy: what a caller changes later is not what is signed with. */
function checkedCredentials(given: unknown, whose: string): Credentials {
  const wrong = (what: string) => invalid(`${whose} ${what}.`);
  if (typeof given !== "object" || given === null)
    throw wrong("must be an object with accessKeyId and accessKeySecret");
  const { accessKeyId, accessKeySecret, securityToken, expiresAt } = given as Record<string, unknown>;
  const text = (name: string, value: unknown) => {
    if (typeof value !== "string" || value === "") throw wrong(`has no ${name}`);
    // Not the value itself: it may be a secret with a newline at its end.
    if (!PRINTABLE.test(value))
      throw wrong(`has an ${name} with spaces, control or non-ASCII characters in it; copy it again`);
    return value;
  };
  if (expiresAt !== undefined && !(typeof expiresAt === "number" && Number.isFinite(expiresAt)))
    throw wrong("has an expiresAt that is no number of milliseconds since 1970");
  return Object.freeze({
    accessKeyId: text("accessKeyId", accessKeyId),
    accessKeySecret: text("accessKeySecret", accessKeySecret),
    ...(securityToken === undefined ? {} : { securityToken: text("securityToken", securityToken) }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
}
