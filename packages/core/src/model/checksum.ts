/**
 * Name of a checksum algorithm. `crc64ecma` (CRC-64/XZ, what Alibaba OSS reports) is built into core; a
 * transport may report others, and core compares those that it has an algorithm for.
 */
export type ChecksumKind = "crc64ecma" | (string & {});

/** A checksum in its remote's own text form; for `crc64ecma` an unsigned decimal number. */
export interface Checksum {
  readonly kind: ChecksumKind;
  readonly value: string;
}
