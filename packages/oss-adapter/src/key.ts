import { invalid } from "./invalid.js";
import { KEY_BYTES_MAX } from "./limits.js";
import { printable } from "./text.js";

/** Checks the name of an object by the rules of OSS; throws `invalid-options`. */
export function checkKey(key: unknown): asserts key is string {
  if (typeof key !== "string") throw invalid("The key must be a string.");
  if (key === "") throw invalid("The key is empty; give the object a name of 1 to 1023 bytes.");
  const shown = printable(key, 60);
  if (key.startsWith("/") || key.startsWith("\\"))
    throw invalid(`The key "${shown}" begins with "${key[0]}", which OSS refuses; leave that character out.`);
  if (/\p{Surrogate}/u.test(key))
    throw invalid(`The key "${shown}" holds half a surrogate pair, which UTF-8 cannot carry.`);
  const bytes = Buffer.byteLength(key, "utf8");
  if (bytes > KEY_BYTES_MAX)
    throw invalid(`The key "${shown}" has ${bytes} bytes in UTF-8; OSS takes at most ${KEY_BYTES_MAX}.`);
}
