import { XMLParser } from "fast-xml-parser";

/** An element: its text, or its children by name; an element that repeats is an array. */
export type XmlValue = string | { readonly [name: string]: XmlValue | readonly XmlValue[] };

const LISTS = new Set(["Part", "Upload"]);

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  // Numbers stay text: a CRC-64 does not fit a JavaScript number.
  parseTagValue: false,
  processEntities: false,
  maxNestedTags: 20,
  isArray: (name) => LISTS.has(name),
  tagValueProcessor: (_name, value) => decodeEntities(value),
});

/** Reads a document and says its root; throws a plain `Error` when it is not well-formed, or has a DOCTYPE. */
export function parseXml(text: string): { readonly root: string; readonly content: XmlValue } {
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) throw new Error("a DOCTYPE is not accepted");
  const document: Record<string, XmlValue> = parser.parse(text, true);
  const roots = Object.entries(document);
  const [first] = roots;
  if (first === undefined || roots.length !== 1) throw new Error("there is not one root element");
  return { root: first[0], content: first[1] };
}

const NAMED: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

/** The five names and the numbers, once, never nested; anything else stays as it is. */
function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(
    /&(?:(lt|gt|quot|apos|amp)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi,
    (whole, name, dec, hex) => {
      if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole;
      const code = dec === undefined ? Number.parseInt(hex, 16) : Number(dec);
      const scalar = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
      return scalar ? String.fromCodePoint(code) : whole;
    },
  );
}
