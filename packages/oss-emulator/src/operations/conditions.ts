import { preconditionFailed } from "../http/errors.js";
import type { RequestHeaders } from "../http/headers.js";
import type { ObjectRecord } from "../store/records.js";

/** Checks the four conditions of a request. `notModified` means the answer is 304. */
export function conditionsOf(
  headers: RequestHeaders,
  object: ObjectRecord,
  prefix = "",
): "holds" | "notModified" {
  const header = (name: string) => headers.get(prefix + name.toLowerCase());
  const match = header("If-Match");
  if (match !== undefined && !names(match, object.etag)) throw preconditionFailed("If-Match");
  const unmodified = time(header("If-Unmodified-Since"));
  if (unmodified !== undefined && seconds(object.modified) > unmodified) {
    throw preconditionFailed("If-Unmodified-Since");
  }
  const none = header("If-None-Match");
  if (none !== undefined && names(none, object.etag)) return "notModified";
  const since = time(header("If-Modified-Since"));
  return since !== undefined && seconds(object.modified) <= since ? "notModified" : "holds";
}

function names(list: string, etag: string): boolean {
  return list.split(",").some((item) =>
    ["*", etag].includes(
      item
        .trim()
        .replace(/^"(.*)"$/, "$1")
        .toUpperCase(),
    ),
  );
}

/** HTTP dates have whole seconds. */
const seconds = (at: number) => Math.floor(at / 1000);

function time(text: string | undefined): number | undefined {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : seconds(at);
}
