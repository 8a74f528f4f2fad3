import { XMLParser, XMLValidator } from "fast-xml-parser";

/** Escapes text for XML. Control characters become references, as no other form can carry them. */
export function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/\p{Cc}/gu, (char) => `&#${char.charCodeAt(0)};`);
}

export function element(name: string, value: string | number | boolean | undefined): string {
  return value === undefined || value === ""
    ? `<${name}></${name}>`
    : `<${name}>${escapeXml(String(value))}</${name}>`;
}

/** A whole document; `children` are elements that are ready. */
export function xmlDocument(root: string, children: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>\n  ${children.join("\n  ")}\n</${root}>\n`;
}

/** Percent-encodes as OSS does for `encoding-type=url`: unreserved characters and, if asked, slashes stay. */
export function percentEncode(text: string, keepSlash = false): string {
  const encoded = encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return keepSlash ? encoded.replaceAll("%2F", "/") : encoded;
}

const parser = new XMLParser({ processEntities: false, ignoreAttributes: true, parseTagValue: false });

/** Parses a request's XML, or gives `undefined` when it is not well-formed. Document types are refused. */
export function parseXml(text: string): Record<string, unknown> | undefined {
  if (text.includes("<!DOCTYPE") || XMLValidator.validate(text) !== true) return undefined;
  const parsed: unknown = parser.parse(text);
  return isRecord(parsed) ? parsed : undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One element or several: parsers give an object for one and an array for several. */
export function asList(value: unknown): readonly unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

const ENTITIES: Readonly<Record<string, string>> = { quot: '"', amp: "&", lt: "<", gt: ">", apos: "'" };

/** Resolves the predefined and the numeric references of a text node; nothing else exists here. */
export function textOf(value: unknown): string {
  if (typeof value !== "string") return "";
  return value.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w+));/g, (whole, decimal, hex, name) => {
    if (name) return ENTITIES[name] ?? whole;
    const code = decimal ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** A time as OSS writes it in XML: the fraction is there and always zero. oss2 refuses anything else. */
export function isoTime(at: number): string {
  return new Date(Math.floor(at / 1000) * 1000).toISOString();
}
