import type {
  OrphanedSession,
  SweepRequest,
  TransferSummary,
  Transfers,
  TransfersOptions,
  UploadRequest,
  UploadResult,
} from "@partwise/core";
import type { Host, PauseSignal, Remote } from "../../src/host.js";

/** A host that touches nothing: what was written is kept, signals are sent by hand, uploads are a function. */
export interface FakeHost extends Host {
  out(): string;
  err(): string;
  /** Sends a signal to whoever listens. */
  send(signal: PauseSignal): void;
  /** Lets time pass: moves the clock and calls what is due every so often, once. */
  pass(ms: number): void;
  readonly exits: number[];
  readonly remotes: Remote[];
  readonly stores: (string | undefined)[];
  readonly made: TransfersOptions[];
  readonly requests: UploadRequest[];
  readonly discarded: object[];
  readonly swept: SweepRequest[];
  /** What the store knows; a test may change it. */
  known: readonly TransferSummary[];
  /** Transports and stores opened and not closed again. */
  open(): number;
}

export interface FakeHostOptions {
  readonly env?: Record<string, string>;
  readonly tty?: boolean;
  readonly columns?: number;
  readonly known?: readonly TransferSummary[];
  readonly orphans?: readonly OrphanedSession[];
  /** Called at each pause of `ms`; resolves it. */
  readonly onSleep?: (host: FakeHost, ms: number) => void | Promise<void>;
  readonly upload?: (request: UploadRequest, host: FakeHost) => Promise<UploadResult>;
  readonly openTransport?: () => never;
}

export const finished: UploadResult = {
  id: "t".repeat(26),
  key: "k",
  location: "oss://b/k",
  size: 104_900_000,
  tag: "ABC-11",
  checksum: { kind: "crc64ecma", value: "42" },
  sentBytes: 60_000_000,
  resumedBytes: 44_900_000,
  wastedBytes: 0,
  outcome: "sent",
};

export function fakeHost(options: FakeHostOptions = {}): FakeHost {
  const written = { out: "", err: "" };
  const hearers = new Set<(signal: PauseSignal) => void>();
  const ticks = new Set<() => void>();
  let now = 1_700_000_000_000;
  let open = 0;
  const { tty = false, columns = 80, env = { OSS_REGION: "cn-hangzhou" }, known = [] } = options;
  const { orphans = [] } = options;
  const output = (name: "out" | "err") => ({
    isTTY: tty,
    columns,
    rows: 24,
    write(text: string) {
      written[name] += text;
    },
  });
  const close = async () => {
    open -= 1;
  };
  const unused = () => {
    throw new Error("not in this test");
  };
  const host: FakeHost = {
    stdout: output("out"),
    stderr: output("err"),
    env,
    version: "1.2.3",
    name: "process 1 on here",
    now: () => now,
    async sleep(ms) {
      now += ms;
      await options.onSleep?.(host, ms);
    },
    every(_ms, tick) {
      ticks.add(tick);
      return () => ticks.delete(tick);
    },
    onSignal(hear) {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
    exit: (code) => void host.exits.push(code),
    createTransfers(made): Transfers {
      host.made.push(made);
      return {
        async upload(request) {
          host.requests.push(request);
          return options.upload ? options.upload(request, host) : finished;
        },
        async *list() {
          yield* host.known;
        },
        async *sweep(request) {
          host.swept.push(request);
          for (const each of orphans) yield { ...each, aborted: request.abort === true };
        },
        async discard(which) {
          host.discarded.push(which);
          return { id: "id" in which ? which.id : `id-of-${which.key}`, aborted: 1 };
        },
      } satisfies Partial<Transfers> as unknown as Transfers;
    },
    openTransport(remote) {
      options.openTransport?.();
      open += 1;
      host.remotes.push(remote);
      const locate = (key: string) => `oss://${remote.bucket}/${key}`;
      return { locate, close } as never;
    },
    async openStore(place) {
      open += 1;
      host.stores.push(place);
      return { name: `store:${place ?? "/somewhere"}`, close } as never;
    },
    openFile: (path) => ({ path, open: unused }) as never,
    out: () => written.out,
    err: () => written.err,
    send: (signal) => {
      for (const each of hearers) each(signal);
    },
    pass: (ms) => {
      now += ms;
      for (const each of ticks) each();
    },
    exits: [],
    remotes: [],
    stores: [],
    made: [],
    requests: [],
    discarded: [],
    swept: [],
    known,
    open: () => open,
  };
  return host;
}
