import type { CheckpointStore } from "./contracts/checkpoint-store.js";
import type { ChecksumAlgorithm } from "./contracts/checksum.js";
import type { Clock } from "./contracts/clock.js";
import type { Layer } from "./contracts/layer.js";
import type { Source, SourceOpener } from "./contracts/source.js";
import type { ObjectOptions, Transport } from "./contracts/transport.js";
import type { TransferEvent } from "./events.js";

/** How parts found on the remote are believed: by comparing bytes, or by receipt and fingerprint. */
export type Verify = "checksum" | "fingerprint";

/** What `createTransfers` takes. */
export interface TransfersOptions {
  readonly transport: Transport;
  readonly store: CheckpointStore;
  /**
   * Parts in flight at once: 1 to 1,000 over all transfers made here, or `auto`, which finds the number by measuring
   * what is acknowledged and is shared by all transfers of the process to this remote.
   * @default "auto"
   */
  readonly concurrency?: number | "auto";
  /**
   * Bytes of buffers that may be taken at once, 1 MiB for each part in flight: a limit above all others.
   * @default 64 MiB, or what an explicit `concurrency` needs
   */
  readonly maxBufferedBytes?: number;
  /** Behaviours around the transport, outermost first; they sit inside the retry. @default [] */
  readonly layers?: readonly Layer[];
  /** Checksums core can compute besides `crc64ecma`. @default [] */
  readonly checksums?: readonly ChecksumAlgorithm[];
  /** @default systemClock */
  readonly clock?: Clock;
  /** Milliseconds a lease lasts without renewal: 1,000 to 3,600,000. @default 30_000 */
  readonly leaseTtl?: number;
  /** How this process is shown to others that meet its lease. @default the store's choice: process and host */
  readonly holder?: string;
  /** Milliseconds without a byte moving after which an attempt is ended and made again. @default 30_000 */
  readonly stallAfter?: number;
  /** Milliseconds to wait for the answer after the last byte of a part went out. @default 60_000 */
  readonly answerAfter?: number;
  /** Milliseconds to wait for the answer to completing, which grows with the parts. @default 900_000 */
  readonly completeAfter?: number;
}

/** What one upload takes. */
export interface UploadRequest {
  /** A file (`fileSource(path)` of `@partwise/core/node`), a Blob, bytes, or any source of your own. */
  readonly source: SourceOpener | Source | Blob | Uint8Array;
  /** Name of the object. */
  readonly key: string;
  /** The transfer's id. @default hash of the transport's id and the key */
  readonly id?: string;
  /** Metadata, storage class, encryption, … of the object. @default {} */
  readonly object?: ObjectOptions;
  /** Bytes from which a source goes in parts; a smaller one goes in a single request. @default 10 MiB */
  readonly threshold?: number;
  /** Bytes of a part. @default calculated: 10 MiB, grown so that the remote's number of parts suffices */
  readonly partSize?: number;
  /** @default "checksum" */
  readonly verify?: Verify;
  /** Throw away what another source left half-done at this key. @default false */
  readonly restart?: boolean;
  /** Wait for another holder instead of failing with `lease-held`. @default false */
  readonly wait?: boolean;
  /**
   * Share the work with every other caller, on any machine, that uploads the same source to the same key with `crew`
   * and a store that all of them see. Each sends its share; all resolve with the same object. @default false
   */
  readonly crew?: boolean;
  /** Milliseconds without progress after which the call fails, resumable. @default 900_000 (15 minutes) */
  readonly giveUpAfter?: number;
  /** Abort pauses: attempts end within 2 s, everything acknowledged stays. The same call again goes on. */
  readonly signal?: AbortSignal;
  /** Hears everything; a listener that throws harms nothing. */
  readonly onEvent?: (event: TransferEvent) => void;
}
