import type { JsonValue, ObjectOptions } from "@partwise/core/contract";
import { objectHeaders } from "./object-options.js";
import { fixedOnOpening, type Place, placesOf } from "./places.js";

/** The headers of one request: those of the options that belong there. */
export function headersFor(place: Place, options: ObjectOptions | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  if (options === undefined) return headers;
  for (const [name, value] of objectHeaders(options)) {
    if (placesOf(name)?.includes(place)) headers[name] = value;
  }
  return headers;
}

/** What opening a session fixes for its life, names sorted, so that equal options give equal JSON. */
export function fixedHeaders(options: ObjectOptions | undefined): JsonValue {
  const fixed = [...objectHeaders(options ?? {})].filter(([name]) => fixedOnOpening(name));
  return Object.fromEntries(fixed.sort(([a], [b]) => (a < b ? -1 : 1)));
}
