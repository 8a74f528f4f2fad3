import type { TransferEvent, UploadResult } from "@partwise/core";

/** Tells a running transfer to whoever looks. Progress goes to stderr, results to stdout. */
export interface Reporter {
  event(event: TransferEvent): void;
  /** The user asked to pause; attempts are ending. */
  pausing(): void;
  /** The transfer is done. */
  done(result: UploadResult): void;
  /** Leaves the terminal tidy. Harmless when called again. */
  close(): void;
}

/** What is reported on. */
export interface Subject {
  /** The file's name. */
  readonly name: string;
  /** `oss://bucket/key`. */
  readonly location: string;
}
