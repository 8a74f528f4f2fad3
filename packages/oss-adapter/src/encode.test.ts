import { isTransferError } from "@partwise/core/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  encodeQuery,
  headerBytes,
  keyPath,
  percentDecode,
  percentEncode,
  percentEncodePath,
} from "./encode.js";

const text = fc.string({ unit: "binary" });

describe("percentEncode", () => {
  it("comes back from any text, in unreserved characters and escapes only", () => {
    fc.assert(
      fc.property(text, (value) => {
        const encoded = percentEncode(value);
        expect(encoded).toMatch(/^(?:[A-Za-z0-9\-._~]|%[0-9A-F]{2})*$/);
        expect(percentDecode(encoded)).toBe(value);
      }),
    );
  });

  it("keeps slashes in a path and nothing else", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(percentEncodePath(value)).toBe(value.split("/").map(percentEncode).join("/"));
      }),
    );
  });

  it("refuses half a surrogate pair", () => {
    expect(() => percentEncode("a\ud800")).toThrow(
      expect.toSatisfy((e) => isTransferError(e, "invalid-options")),
    );
  });
});

describe("keyPath", () => {
  it("is what it was after a URL parser has resolved dots", () => {
    const segment = fc.oneof(fc.constantFrom(".", "..", "", "a"), fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(fc.array(segment, { minLength: 2, maxLength: 6 }), (segments) => {
        const key = segments.join("/");
        const parsed = new URL(`http://host/${keyPath(key)}`);
        expect(percentDecode(parsed.pathname)).toBe(`/${key}`);
      }),
    );
  });
});

describe("encodeQuery", () => {
  it("sorts by bytes of the encoded name, not by language", () => {
    expect(encodeQuery({ b: "1", B: "2", ä: "3", "~": "", "+": " " })).toBe("%2B=%20&%C3%A4=3&B=2&b=1&~");
  });
});

describe("headerBytes", () => {
  it("gives each byte of the UTF-8 as one latin1 character", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(Buffer.from(headerBytes(value), "latin1").toString("utf8")).toBe(
          Buffer.from(value, "utf8").toString("utf8"),
        );
      }),
    );
  });
});
