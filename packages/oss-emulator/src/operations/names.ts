import type { Exchange } from "../http/exchange.js";
import { element } from "../http/xml.js";
import { shownKey } from "./session.js";

/** The order of OSS: by UTF-8 bytes. JavaScript's own order differs beyond the basic plane. */
export function byBytes(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The group a name falls into when names are cut after the first delimiter behind the prefix. */
export function commonPrefix(name: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === "") return undefined;
  const at = name.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : name.slice(0, at + delimiter.length);
}

export function prefixElements(exchange: Exchange, prefixes: Iterable<string>): string[] {
  return [...prefixes].map(
    (prefix) => `<CommonPrefixes>${element("Prefix", shownKey(exchange, prefix))}</CommonPrefixes>`,
  );
}
