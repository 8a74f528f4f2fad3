import type { CheckpointStore, SourceOpener, Transfers, TransfersOptions, Transport } from "@partwise/core";

/** Where the program writes: a stream, as far as it is needed. */
export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Columns of the terminal, now; it may be resized. */
  readonly columns: number | undefined;
  /** Lines of the terminal, now. */
  readonly rows: number | undefined;
}

/** How the program reaches one bucket. */
export interface Remote {
  readonly bucket: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly pathStyle?: boolean;
  readonly signature?: "v1" | "v4";
}

/** The signals that pause. */
export type PauseSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** Everything of the outside that the program touches; tests bring their own. */
export interface Host {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Milliseconds since 1970. */
  now(): number;
  /** How this process is shown to others that meet it. */
  readonly name: string;
  /** Resolves after `ms` milliseconds, or at once when the signal aborts. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Calls back every `ms` milliseconds without keeping the program alive; returns how to stop. */
  every(ms: number, tick: () => void): () => void;
  /** Listens to the pausing signals; returns how to stop. */
  onSignal(hear: (signal: PauseSignal) => void): () => void;
  /** Leaves at once. */
  exit(code: number): void;
  createTransfers(options: TransfersOptions): Transfers;
  openTransport(remote: Remote): Transport;
  /** A directory, or `redis://…`, `rediss://…`. Absent: the default directory. */
  openStore(place: string | undefined): Promise<CheckpointStore>;
  openFile(path: string): SourceOpener;
}
