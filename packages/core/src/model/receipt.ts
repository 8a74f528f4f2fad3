import type { Checksum } from "./checksum.js";

/** What the remote acknowledged for one part, whether on sending it or when listed later. */
export interface Receipt {
  /** Part number, from 1. */
  readonly number: number;
  /** Bytes the remote holds for this part. */
  readonly size: number;
  /** The remote's opaque tag of this part (OSS, S3: ETag without quotes); completing asks for it. */
  readonly tag: string;
  /** The remote's checksum of the bytes it holds; absent where it reports none. */
  readonly checksum?: Checksum;
}
