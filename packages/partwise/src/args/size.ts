import { usageError } from "../failure.js";

const powers = "kmgt";

/**
 * Bytes from `10485760`, `10MiB`, `10MB` or `512k`. `KiB MiB GiB TiB` and the bare letters `k m g t` count by 1024,
 * `kB MB GB TB` by 1000; capitals do not matter.
 */
export function parseSize(option: string, text: string): number {
  const found = /^(\d+(?:\.\d+)?) ?(?:b|([kmgt])(i?b)?)?$/i.exec(text.trim());
  if (!found) throw wrong(option, "write bytes as 8388608, 8MiB, 8MB or 512k");
  const [, digits = "", letter = "", tail = ""] = found;
  const base = tail.toLowerCase() === "b" ? 1000 : 1024;
  const bytes = Number(digits) * base ** (letter ? powers.indexOf(letter.toLowerCase()) + 1 : 0);
  if (!Number.isSafeInteger(bytes)) throw wrong(option, "that is not a whole number of bytes we can count");
  return bytes;
}

function wrong(option: string, why: string) {
  return usageError(`${option} is not a size: ${why}.`);
}
