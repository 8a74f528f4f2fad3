import type { UploadResult } from "@partwise/core";
import { formatBytes, printable } from "./format.js";

/** A finished upload in one line. */
export function resultLine(result: UploadResult): string {
  const pieces = [printable(result.location), formatBytes(result.size)];
  if (result.checksum) pieces.push(`${shortKind(result.checksum.kind)} ${result.checksum.value}`);
  pieces.push(`etag ${result.tag}`, sentences(result));
  return pieces.join("  ");
}

/** What a finished upload adds to its last `--json` line. */
export function resultFields(result: UploadResult): { etag: string; crc64?: string } {
  const { tag, checksum } = result;
  return { etag: tag, ...(checksum?.kind === "crc64ecma" && { crc64: checksum.value }) };
}

function sentences({ outcome, size, sentBytes, resumedBytes, overwritten }: UploadResult): string {
  const after = overwritten ? " – replaced by another writer since" : "";
  if (outcome === "found") return `was finished before, nothing sent${after}`;
  const there = resumedBytes > 0 ? `, ${formatBytes(resumedBytes)} were already there` : "";
  const others = outcome === "sent" && sentBytes + resumedBytes < size ? ", others the rest" : "";
  return `sent ${formatBytes(sentBytes)}${there}${others}${after}`;
}

function shortKind(kind: string): string {
  return kind === "crc64ecma" ? "crc64" : kind;
}
