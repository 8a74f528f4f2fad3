import type { TransportAbilities, TransportLimits } from "@partwise/core/contract";

const KiB = 1024;
const GiB = 1024 ** 3;

/** OSS documentation, "Limits" and "Multipart upload": the numbers every region shares. */
export const limits: TransportLimits = {
  /** Checked by OSS when the upload is completed, not when a part arrives. */
  partSize: { min: 100 * KiB, max: 5 * GiB },
  parts: 10_000,
  putObject: 5 * GiB,
};

export const abilities: TransportAbilities = {
  listParts: true,
  partChecksums: ["crc64ecma"],
  objectChecksums: ["crc64ecma"],
  equalParts: false,
  conditionalCommit: true,
  copyPart: true,
  listSessions: true,
  readRange: true,
  signedRequests: true,
  modifiedAt: "completed",
};

/** Bytes of an object's name in UTF-8. OSS documentation, "Object naming conventions". */
export const KEY_BYTES_MAX = 1023;
/** Bytes of all user metadata of one object. OSS documentation, "PutObject". */
export const METADATA_BYTES_MAX = 8 * KiB;
/** OSS documentation, "PutObjectTagging"; lengths in characters. */
export const TAGS = { count: 10, name: 128, value: 256 } as const;
/** Bits per second. OSS documentation, "Single-connection bandwidth throttling". */
export const TRAFFIC_LIMIT = { min: 245_760, max: 838_860_800 } as const;
/** Largest page of ListParts and of ListMultipartUploads. */
export const PAGE = 1000;
/** Seconds a V4 presigned URL may live: seven days. */
export const PRESIGN_V4_MAX = 604_800;
/** Addresses of one callback, separated by `;`. OSS documentation, "Callback". */
export const CALLBACK_URLS_MAX = 5;
/**
 * Bytes of an answer we are ready to hold. A page of 1,000 sessions with the longest names, percent-encoded,
 * is about 3.5 MB.
 */
export const ANSWER_BYTES_MAX = 8 * 1024 * KiB;
/** Bytes of an error page we are ready to hold; what is longer is not from OSS. */
export const ERROR_BYTES_MAX = 256 * KiB;
