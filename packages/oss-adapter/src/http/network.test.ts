import { describe, expect, it } from "vitest";
import { networkError } from "./network.js";

const failed = { what: "put part 3 of oss://demo/key", host: "oss.example.org", writes: true };
const node = (code: string, syscall?: string, message = code) =>
  Object.assign(new Error(message), { code, ...(syscall ? { syscall } : {}) });

describe("networkError", () => {
  it.each<[string, unknown, string, string, boolean]>([
    ["refused", node("ECONNREFUSED", "connect"), "unavailable", "not-applied", true],
    ["no route", node("EHOSTUNREACH", "connect"), "unavailable", "not-applied", true],
    ["no such host", node("ENOTFOUND", "getaddrinfo"), "unavailable", "not-applied", true],
    ["no answer to connecting", node("UND_ERR_CONNECT_TIMEOUT"), "timed-out", "not-applied", true],
    [
      "every address refused",
      Object.assign(new AggregateError([node("ECONNREFUSED", "connect")]), { code: "ECONNREFUSED" }),
      "unavailable",
      "not-applied",
      true,
    ],
    [
      "TLS cut short",
      node(
        "ECONNRESET",
        undefined,
        "Client network socket disconnected before secure TLS connection was established",
      ),
      "unavailable",
      "not-applied",
      true,
    ],
    ["certificate of another host", node("ERR_TLS_CERT_ALTNAME_INVALID"), "rejected", "not-applied", false],
    ["own certificate", node("DEPTH_ZERO_SELF_SIGNED_CERT"), "rejected", "not-applied", false],
    ["old certificate", node("CERT_HAS_EXPIRED"), "rejected", "not-applied", false],
    ["http behind https", node("ERR_SSL_WRONG_VERSION_NUMBER"), "rejected", "not-applied", false],
    ["reset", node("ECONNRESET", "read"), "unavailable", "unknown", true],
    ["pipe broken", node("EPIPE", "write"), "unavailable", "unknown", true],
    ["closed by the other side", node("UND_ERR_SOCKET"), "unavailable", "unknown", true],
    ["silence", node("ETIMEDOUT", "read"), "timed-out", "unknown", true],
    ["no Error at all", "boom", "unavailable", "unknown", true],
    ["nothing", undefined, "unavailable", "unknown", true],
  ])("%s", (_name, cause, code, outcome, retryable) => {
    const error = networkError(failed, cause);
    expect(error).toMatchObject({ code, outcome, retryable });
    expect(error.cause).toBe(cause);
    expect(error.message).toContain("Could not put part 3 of oss://demo/key: ");
    expect(error.message.includes("not known whether")).toBe(outcome === "unknown");
  });

  it("leaves nothing unknown about a read", () => {
    expect(networkError({ ...failed, writes: false }, node("ECONNRESET", "read")).outcome).toBe(
      "not-applied",
    );
  });
});
