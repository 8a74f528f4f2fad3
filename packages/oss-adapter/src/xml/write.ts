import type { Receipt } from "@partwise/core/contract";

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** The list that completing sends. */
export function writeComplete(parts: readonly Receipt[]): string {
  const items = parts.map(
    ({ number, tag }) => `<Part><PartNumber>${number}</PartNumber><ETag>"${escapeXml(tag)}"</ETag></Part>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<CompleteMultipartUpload>${items.join("")}</CompleteMultipartUpload>`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char);
}
