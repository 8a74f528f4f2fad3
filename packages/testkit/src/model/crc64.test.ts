import { expect, it } from "vitest";
import { crc64 } from "./crc64.js";

const crcOf = (text: string) => crc64(new TextEncoder().encode(text));

it("gives the check value of CRC-64/XZ", () => {
  expect(crcOf("123456789")).toBe(0x995dc9bbdf1939fan.toString());
});

it("is 0 for no bytes", () => {
  expect(crcOf("")).toBe("0");
});
