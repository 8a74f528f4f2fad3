/** One request as the emulator saw it; the entry appears on arrival and is completed at the end. */
export interface LoggedRequest {
  /** Arrival, milliseconds since 1970 on the emulator's clock. */
  readonly at: number;
  readonly method: string;
  readonly operation: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly uploadId?: string;
  readonly partNumber?: number;
  /** Authorization and security token are masked. */
  readonly headers: Readonly<Record<string, string>>;
  readonly requestId: string;
  /** 0 while it runs, and for good when the connection was dropped without an answer. */
  status: number;
  /** OSS error code of the answer. */
  code?: string;
  /** Bytes of the request's body that were read. */
  bytesReceived: number;
  /** Bytes of the answer's body that were handed over. */
  bytesSent: number;
  /** The whole answer was handed to the socket. */
  acknowledged: boolean;
  /** Nothing more happens for this request. */
  finished: boolean;
  /** Milliseconds it took, when finished. */
  duration?: number;
}

const LIMIT = 200_000;

/** The log, bounded so that a long-running emulator does not grow without end. */
export class RequestLog {
  readonly entries: LoggedRequest[] = [];

  add(entry: LoggedRequest): void {
    this.entries.push(entry);
    if (this.entries.length > LIMIT) this.entries.splice(0, LIMIT / 10);
  }

  clear(): void {
    this.entries.length = 0;
  }
}
