import type { TransferErrorCode } from "./errors.js";
import type { Checksum } from "./model/checksum.js";
import type { Plan } from "./model/plan.js";

/** Where a transfer stands, in bytes unless said otherwise. */
export interface Progress {
  /** Size of the source. */
  readonly total: number;
  /** Bytes the remote holds and that are proven to be ours. Never falls, never passes `total`. */
  readonly acknowledged: number;
  /** Bytes found on the remote from an earlier run and not yet compared with the source. */
  readonly unproven: number;
  /** Bytes handed to the network and not yet acknowledged. */
  readonly inFlight: number;
  /** Acknowledged bytes that this process sent; in a crew, its own share. */
  readonly sent: number;
  /** Bytes of earlier runs that turned out to be right and were not sent again. */
  readonly resumed: number;
  /** Bytes sent in this run that did not count: failed attempts, parts sent again. */
  readonly wasted: number;
  /** Acknowledged bytes of this run per second, lately; 0 until known. */
  readonly bytesPerSecond: number;
  /** Milliseconds to the end at that rate; `undefined` until known. */
  readonly eta: number | undefined;
}

/** Why a session was given up for a new one. */
export type SupersedeReason = "source-size" | "options" | "session-gone" | "restart";

interface Common {
  /** The transfer's id. */
  readonly id: string;
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Everything a transfer tells while it runs. */
export type TransferEvent = Common &
  (
    | { readonly type: "transfer.planned"; readonly plan: Plan; readonly epoch: number }
    | { readonly type: "transfer.waiting"; readonly holder: string; readonly expiresIn: number }
    | { readonly type: "session.opened"; readonly epoch: number; readonly session: string }
    | {
        readonly type: "session.resumed";
        readonly epoch: number;
        readonly session: string;
        /** Parts and bytes found on the remote. */
        readonly parts: number;
        readonly bytes: number;
        readonly progress: Progress;
      }
    | {
        readonly type: "session.superseded";
        readonly epoch: number;
        readonly session: string | undefined;
        readonly reason: SupersedeReason;
      }
    /** An answer to opening was lost: perhaps an empty session nobody names is left at the remote. `sweep` finds it. */
    | { readonly type: "session.orphaned" }
    | {
        readonly type: "part.started";
        readonly number: number;
        readonly size: number;
        readonly attempt: number;
      }
    | {
        /** An attempt failed and is made again. */
        readonly type: "part.retried";
        /** What was tried: `putPart`, `completeSession`, … */
        readonly verb: string;
        /** The part, where it was about one. */
        readonly number?: number;
        readonly attempt: number;
        /** Milliseconds until the next attempt. */
        readonly delay: number;
        readonly code: TransferErrorCode;
        readonly message: string;
      }
    | {
        readonly type: "part.stored";
        readonly number: number;
        readonly size: number;
        readonly progress: Progress;
      }
    /** A part of an earlier run was compared with the source; `same: false` means it is sent again. */
    | {
        readonly type: "part.proven";
        readonly number: number;
        readonly size: number;
        readonly same: boolean;
        readonly progress: Progress;
      }
    /** Something the caller should know before it matters: credentials that may write but not look, say. */
    | { readonly type: "transfer.warned"; readonly message: string }
    /** The journal could not be written to for now; parts go on. */
    | { readonly type: "store.away"; readonly message: string }
    | { readonly type: "store.back" }
    /** `concurrency: "auto"` moved how many parts may be in flight. */
    | {
        readonly type: "concurrency.changed";
        readonly limit: number;
        readonly reason: "slow-start" | "probe" | "settle" | "throttled";
        /** Measured at the last limit that proved good; absent until known. */
        readonly bytesPerSecond?: number;
      }
    | { readonly type: "transfer.sealing"; readonly parts: number }
    | { readonly type: "transfer.progressed"; readonly progress: Progress }
    | ({ readonly type: "transfer.completed" } & UploadResult)
  );

/** Name of an event. */
export type TransferEventType = TransferEvent["type"];

/** A finished upload. */
export interface UploadResult {
  readonly id: string;
  readonly key: string;
  /** The object as people write it: `oss://bucket/key`. */
  readonly location: string;
  readonly size: number;
  /** ETag, without quotes. */
  readonly tag: string;
  /** Of the whole object, computed from the local bytes and equal to the remote's. */
  readonly checksum?: Checksum;
  readonly versionId?: string;
  /** Bytes of acknowledged parts sent in this run. */
  readonly sentBytes: number;
  /** Bytes that were there already. */
  readonly resumedBytes: number;
  /** Bytes sent in this run that did not count. */
  readonly wastedBytes: number;
  /**
   * `sent`: committed by this call or by the crew it is a member of, with the remote's own answer. `proven`: the answer was lost, the object was
   * recognised (a callback's answer is then unknown). `found`: an earlier run had finished; nothing was sent.
   */
  readonly outcome: "sent" | "proven" | "found";
  /** True when the object was replaced by another writer right after it was committed. */
  readonly overwritten?: boolean;
  readonly callback?: { readonly ok: boolean; readonly answer: string };
}
