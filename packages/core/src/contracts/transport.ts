import type { Checksum, ChecksumKind } from "../model/checksum.js";
import type { JsonValue } from "../model/json.js";
import type { Range } from "../model/range.js";
import type { Receipt } from "../model/receipt.js";
import type { Body } from "./source.js";

/** The remote's numbers, in bytes unless said otherwise. */
export interface TransportLimits {
  /** Every part but the last is at least `min`; every part is at most `max`. */
  readonly partSize: { readonly min: number; readonly max: number };
  /** Most parts of one session; also the largest part number. */
  readonly parts: number;
  /** Largest body of `putObject`. */
  readonly putObject: number;
}

/** What the remote can do. A verb behind a missing ability throws `unsupported`. */
export interface TransportAbilities {
  /** `listParts` works and is complete. Without it the journal's receipts are all there is. */
  readonly listParts: boolean;
  /** Kinds reported for single parts, by `putPart` and `listParts`. */
  readonly partChecksums: readonly ChecksumKind[];
  /** Kinds reported for whole objects, by `putObject`, `completeSession` and `findObject`. */
  readonly objectChecksums: readonly ChecksumKind[];
  /** All parts but the last must have one size (Cloudflare R2). */
  readonly equalParts: boolean;
  /** `ifAbsent` is honoured at the moment of committing, not only when a session is opened. */
  readonly conditionalCommit: boolean;
  readonly copyPart: boolean;
  readonly listSessions: boolean;
  readonly readRange: boolean;
  /** Single requests can be signed for somebody without credentials. */
  readonly signedRequests: boolean;
  /** Which moment an object's `modifiedAt` names: of `completeSession`, or of `openSession` (Amazon S3). */
  readonly modifiedAt: "completed" | "opened";
}

/** How the object is stored. An adapter puts each option on the requests where the remote wants it. */
export interface ObjectOptions {
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  /** HTTP date. */
  readonly expires?: string;
  /** The user's own metadata; names without the vendor's prefix. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly storageClass?: string;
  readonly encryption?: {
    /** OSS: `AES256`, `KMS` or `SM4`. */
    readonly algorithm: string;
    /** Algorithm of the data itself under `KMS` (OSS: `SM4`). */
    readonly dataAlgorithm?: string;
    readonly keyId?: string;
  };
  /** OSS: `default`, `private`, `public-read`, `public-read-write`. */
  readonly acl?: string;
  /** Refuse, with `already-exists`, to replace an object. */
  readonly ifAbsent?: boolean;
  /** A request the remote makes to the user's server once the object is stored. */
  readonly callback?: {
    readonly url: string;
    readonly host?: string;
    readonly body: string;
    readonly bodyType?: string;
    readonly sni?: boolean;
    /** Custom variables, named without `x:`. */
    readonly variables?: Readonly<Record<string, string>>;
  };
  /** Limit kept by the remote for each request, in **bits** per second. */
  readonly trafficLimit?: number;
  readonly requestPayer?: boolean;
  /** Further headers, by vendor name; the adapter refuses those it does not know where to put. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The remote's handle of one multipart upload. */
export interface Session {
  readonly key: string;
  /** Opaque; OSS: uploadId. */
  readonly id: string;
}

/** Given last to every verb. */
export interface CallOptions {
  /** Abort ends the call soon: sockets closed, the body's reader freed, rejection with `signal.reason`. */
  readonly signal: AbortSignal;
}

/** What every answer carries where the remote gives it. */
export interface Answer {
  /** The provider's name for this request, for its support desk. */
  readonly requestId?: string;
  /** The remote's clock when it answered, in milliseconds since 1970. */
  readonly remoteTime?: number;
}

/** A finished object. */
export interface StoredObject extends Answer {
  readonly key: string;
  readonly size: number;
  /** ETag, without quotes. */
  readonly tag: string;
  readonly checksum?: Checksum;
  /** Milliseconds since 1970 by the remote's clock; often whole seconds. Absent from an answer to writing. */
  readonly modifiedAt?: number;
  readonly versionId?: string;
  /** What became of the requested callback; the object is stored in any case. */
  readonly callback?: { readonly ok: boolean; readonly answer: string };
}

export interface OpenedSession extends Answer {
  readonly session: Session;
}

/** A receipt as it comes from sending. */
export interface PartAnswer extends Answer {
  readonly receipt: Receipt;
}

/** One page of parts, ascending by number. */
export interface PartsPage extends Answer {
  readonly parts: readonly Receipt[];
}

/** A session found at the remote. */
export interface ListedSession extends Session {
  /** Milliseconds since 1970, by the remote's clock. */
  readonly openedAt: number;
}

/** One page of sessions, ascending by key. */
export interface SessionsPage extends Answer {
  readonly sessions: readonly ListedSession[];
}

/** Bytes of an object. */
export interface RangeAnswer extends Answer {
  /** The range that comes. */
  readonly range: Range;
  /** Size of the whole object. */
  readonly size: number;
  readonly tag: string;
  /** Of the whole object. */
  readonly checksum?: Checksum;
  /** Throws when fewer bytes come than `range` says. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface PutObjectRequest {
  readonly key: string;
  readonly body: Body;
  readonly options?: ObjectOptions;
}

export interface OpenSessionRequest {
  readonly key: string;
  readonly options?: ObjectOptions;
}

export interface PutPartRequest {
  readonly session: Session;
  readonly number: number;
  readonly body: Body;
  readonly options?: ObjectOptions;
}

export interface ListPartsRequest {
  readonly session: Session;
  /** List parts with greater numbers only; a broken listing goes on from where it was. */
  readonly after?: number;
  readonly options?: ObjectOptions;
}

export interface CompleteSessionRequest {
  readonly session: Session;
  /** Every part of the object, ascending. */
  readonly parts: readonly Receipt[];
  readonly options?: ObjectOptions;
}

export interface AbortSessionRequest {
  readonly session: Session;
  readonly options?: ObjectOptions;
}

export interface FindObjectRequest {
  readonly key: string;
  readonly versionId?: string;
  readonly options?: ObjectOptions;
}

export interface ReadRangeRequest {
  readonly key: string;
  /** Absent: the whole object. */
  readonly range?: Range;
  /** Refuse, with `object-changed`, an object with another tag. */
  readonly tag?: string;
  readonly versionId?: string;
  readonly options?: ObjectOptions;
}

export interface CopyPartRequest {
  readonly session: Session;
  readonly number: number;
  readonly from: {
    /** Absent: the transport's own bucket. */
    readonly bucket?: string;
    readonly key: string;
    readonly versionId?: string;
    /** Refuse, with `object-changed`, a source object with another tag. */
    readonly tag?: string;
    readonly range: Range;
  };
  readonly options?: ObjectOptions;
}

export interface ListSessionsRequest {
  readonly prefix?: string;
  readonly options?: ObjectOptions;
}

/**
 * Port to the remote. An adapter translates and reports; it never retries, never logs, never judges a checksum,
 * holds at most one chunk of a body, sends an exact length, and destroys the body on abort.
 *
 * Every failure is a `TransferError` whose `outcome` says whether the remote did the work: `not-applied` when it
 * answered no or was never reached, `unknown` when the request left and no answer came.
 */
export interface Transport {
  /** Names the destination: provider, region, bucket. Part of every transfer's id, so it must never change. */
  readonly id: string;
  readonly limits: TransportLimits;
  readonly abilities: TransportAbilities;

  /** The object as people write it, `oss://bucket/key`. Never holds a secret. */
  locate(key: string): string;
  /**
   * Checks key and options before anything is sent, throwing `invalid-options` or `unsupported`. Returns everything
   * that `openSession` would fix for the session's life (metadata, storage class, encryption, …) and nothing else:
   * when this differs from what a running session was opened with, that session cannot be continued.
   */
  prepare(request: OpenSessionRequest): JsonValue;

  putObject(request: PutObjectRequest, call: CallOptions): Promise<StoredObject>;
  /** Not idempotent: each success is another session. */
  openSession(request: OpenSessionRequest, call: CallOptions): Promise<OpenedSession>;
  /** Sending a number again replaces the part. */
  putPart(request: PutPartRequest, call: CallOptions): Promise<PartAnswer>;
  /** All parts, page by page to the end. */
  listParts(request: ListPartsRequest, call: CallOptions): AsyncIterable<PartsPage>;
  /** Takes effect once; afterwards the session is gone (`session-gone`). Never "all parts there are": the list given. */
  completeSession(request: CompleteSessionRequest, call: CallOptions): Promise<StoredObject>;
  /** Resolves when the session is gone, also when it was gone before. Parts in flight may outlive it: repeat. */
  abortSession(request: AbortSessionRequest, call: CallOptions): Promise<Answer>;
  /** `undefined` when there is no such object. */
  findObject(request: FindObjectRequest, call: CallOptions): Promise<StoredObject | undefined>;
  readRange(request: ReadRangeRequest, call: CallOptions): Promise<RangeAnswer>;
  copyPart(request: CopyPartRequest, call: CallOptions): Promise<PartAnswer>;
  listSessions(request: ListSessionsRequest, call: CallOptions): AsyncIterable<SessionsPage>;
  /** Closes idle connections; calls under way end first. */
  close(): Promise<void>;
}
