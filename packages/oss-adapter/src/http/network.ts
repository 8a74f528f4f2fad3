import { TransferError } from "@partwise/core/contract";
import type { RefusalCode } from "../errors.js";

/** Certificates, and speaking TLS with something that does not: no retry changes these. */
const UNTRUSTED =
  /^(CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|ERR_TLS_CERT)/;
const NOT_TLS =
  /^(EPROTO|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE|\w*HANDSHAKE_FAILURE|TLSV1_ALERT_\w+))$/;

/** Where a request was when the network failed it. */
export interface Failed {
  /** `put part 3 of oss://bucket/key` */
  readonly what: string;
  readonly host: string;
  /** Whether the request, had it arrived, changes something. */
  readonly writes: boolean;
}

interface Case {
  readonly code: RefusalCode;
  readonly reached: boolean;
  readonly text: string;
  readonly retryable?: boolean;
}

/** Turns what Node or undici threw into the error of the port. */
export function networkError(failed: Failed, error: unknown): TransferError {
  const { name, syscall, message } = facts(error);
  const found = caseOf(name, syscall, message, failed.host);
  const unknown = found.reached && failed.writes;
  const consequence = unknown ? " It is not known whether the remote did it." : "";
  return new TransferError(found.code, `Could not ${failed.what}: ${found.text}${consequence}`, {
    outcome: unknown ? "unknown" : "not-applied",
    cause: error,
  });
}

function caseOf(name: string, syscall: string | undefined, message: string, host: string): Case {
  if (UNTRUSTED.test(name))
    return {
      code: "rejected",
      reached: false,
      text: `the certificate of ${host} is not trusted (${name}). Check the endpoint, or give a dispatcher that knows your certificate authority.`,
    };
  if (NOT_TLS.test(name))
    return {
      code: "rejected",
      reached: false,
      text: `${host} does not speak TLS as we do (${name}). If it serves plain http, write http:// before the endpoint.`,
    };
  if (name === "UND_ERR_CONNECT_TIMEOUT")
    return { code: "timed-out", reached: false, text: `no connection to ${host} in time.` };
  if (name === "UND_ERR_CLOSED" || name === "UND_ERR_DESTROYED")
    return { code: "rejected", reached: false, text: "the connections are closed." };
  if (name === "ENOTFOUND" || name === "EAI_AGAIN" || syscall === "getaddrinfo")
    return {
      code: "unavailable",
      reached: false,
      text: `the host ${host} was not found (${name}). Check the endpoint and the network.`,
    };
  if (syscall === "connect" || message.includes("before secure TLS connection was established"))
    return {
      code: name === "ETIMEDOUT" ? "timed-out" : "unavailable",
      reached: false,
      text: `no connection to ${host} (${name}).`,
    };
  if (name === "ETIMEDOUT" || /^UND_ERR_(HEADERS|BODY)_TIMEOUT$/.test(name))
    return { code: "timed-out", reached: true, text: `${host} did not answer in time (${name}).` };
  return { code: "unavailable", reached: true, text: `the connection to ${host} broke (${name}).` };
}

function facts(error: unknown): { name: string; syscall: string | undefined; message: string } {
  const { code, errors, message, syscall } = (error ?? {}) as Record<string, unknown>;
  // Several addresses of one host were tried, and failed.
  if (Array.isArray(errors) && errors.length > 0) return facts(errors[0]);
  return {
    name: typeof code === "string" && /^\w{1,60}$/.test(code) ? code : "no code",
    syscall: typeof syscall === "string" ? syscall : undefined,
    message: typeof message === "string" ? message : "",
  };
}
