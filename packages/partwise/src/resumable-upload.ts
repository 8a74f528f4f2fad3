import {
  type CheckpointStore,
  createTransfers,
  type Layer,
  type TransferEvent,
  type Transport,
  type UploadResult,
  wrapTransport,
} from "@partwise/core";
import { fileSource } from "@partwise/core/node";
import { fsStore } from "@partwise/fs-store";

/** Options of {@link resumableUpload}; names and defaults are those of oss2's `resumable_upload`, in camelCase. */
export interface ResumableUploadOptions {
  /** Where journals are kept: a store, or a directory. @default a directory under the user's home */
  readonly store?: CheckpointStore | string;
  /** Headers of the object, by OSS's names. @default {} */
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes from which a file goes in parts. @default 10 MiB */
  readonly multipartThreshold?: number;
  /** Bytes of a part: 100 KiB to 5 GiB. @default calculated: 10 MiB, grown so that 10,000 parts suffice */
  readonly partSize?: number;
  /** Hears the bytes finished so far, which never fall, and once the total at the end. What it throws is ignored. */
  readonly progressCallback?: (consumedBytes: number, totalBytes: number) => void;
  /** Parts in flight at once: 1 to 1,000. @default 1 */
  readonly numThreads?: number;
}

/** What {@link resumableUpload} resolves with. */
export interface ResumableUploadResult {
  /** Without quotes. */
  readonly etag: string;
  /** CRC-64 of the whole object, an unsigned decimal number. */
  readonly crc64: string | undefined;
  /** OSS's name for the request that made the object; `undefined` when its answer was lost or an earlier run made it. */
  readonly requestId: string | undefined;
  readonly versionId: string | undefined;
  /** The whole account: what was sent, what was there already. */
  readonly upload: UploadResult;
}

/**
 * Sends a file as one object. After any interruption the same call goes on where the last one was.
 * @param bucket What `ossTransport()` returns; it stays open.
 * @throws TransferError
 */
export async function resumableUpload(
  bucket: Transport,
  key: string,
  filename: string,
  options: ResumableUploadOptions = {},
): Promise<ResumableUploadResult> {
  const { store, headers, multipartThreshold, partSize, progressCallback, numThreads = 1 } = options;
  const ours = store === undefined || typeof store === "string" ? openStore(store) : undefined;
  const seen: { requestId: string | undefined } = { requestId: undefined };
  try {
    const upload = await createTransfers({
      transport: bucket,
      store: ours ?? (store as CheckpointStore),
      concurrency: numThreads,
      layers: [noteRequestId(seen)],
    }).upload({
      source: fileSource(filename),
      key,
      ...(headers && { object: { headers } }),
      ...(multipartThreshold !== undefined && { threshold: multipartThreshold }),
      ...(partSize !== undefined && { partSize }),
      ...(progressCallback && { onEvent: callProgress(progressCallback) }),
    });
    return {
      etag: upload.tag,
      crc64: upload.checksum?.kind === "crc64ecma" ? upload.checksum.value : undefined,
      requestId: upload.outcome === "sent" ? seen.requestId : undefined,
      versionId: upload.versionId,
      upload,
    };
  } finally {
    await ours?.close();
  }
}

function openStore(directory: string | undefined): CheckpointStore {
  return fsStore(directory === undefined ? {} : { directory });
}

/** Calls as oss2 does: when a part begins or ends, and with the total exactly once. */
function callProgress(callback: (consumed: number, total: number) => void): (event: TransferEvent) => void {
  let consumed = 0;
  let total: number | undefined;
  return (event) => {
    if (event.type === "transfer.planned") total = event.plan.size;
    else if (event.type === "part.stored" || event.type === "part.proven") {
      ({ total } = event.progress);
      consumed = Math.max(consumed, event.progress.acknowledged);
    } else if (event.type === "transfer.completed") {
      callback(event.size, event.size);
      return;
    } else if (event.type !== "part.started") return;
    if (total !== undefined && consumed < total) callback(consumed, total);
  };
}

/** Remembers the id of the request that made the object. */
function noteRequestId(seen: { requestId: string | undefined }): Layer {
  return (inner) =>
    wrapTransport(inner, {
      putObject: async (request, call) => {
        const answer = await inner.putObject(request, call);
        seen.requestId = answer.requestId;
        return answer;
      },
      completeSession: async (request, call) => {
        const answer = await inner.completeSession(request, call);
        seen.requestId = answer.requestId;
        return answer;
      },
    });
}
