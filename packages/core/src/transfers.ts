import { toSourceOpener } from "./builtin/to-source.js";
import { crc64ecma } from "./checksum/index.js";
import { systemClock } from "./clock.js";
import type { ChecksumAlgorithm } from "./contracts/checksum.js";
import type { Transport } from "./contracts/transport.js";
import { discardTransfer } from "./engine/discard.js";
import { Governor, sharedGovernor } from "./engine/governor/governor.js";
import { listTransfers } from "./engine/list.js";
import { SharedRuns } from "./engine/shared-runs.js";
import { sweepSessions } from "./engine/sweep.js";
import { runUpload, type Workshop } from "./engine/upload.js";
import { TransferError } from "./errors.js";
import type { UploadResult } from "./events.js";
import { RetryBudget } from "./layers/retry-budget.js";
import { canonicalJson, digest } from "./model/digest.js";
import type { JsonValue } from "./model/json.js";
import type { TransfersOptions, UploadRequest } from "./options.js";
import { readOrder, readSettings } from "./order.js";
import type { DiscardResult, OrphanedSession, SweepRequest, TransferSummary } from "./summary.js";

/** Everything one application does with one transport and one store. */
export interface Transfers {
  /**
   * Brings a source to the remote as one object. Aborting `signal` pauses; the same call again goes on.
   * Rejects with a `TransferError`, or with `signal.reason`.
   */
  upload(request: UploadRequest): Promise<UploadResult>;
  /** All transfers the store knows, also those of other transports. */
  list(): AsyncIterable<TransferSummary>;
  /** Aborts a transfer at the remote and forgets it. Throws `not-found` when the store does not know it. */
  discard(
    which: { readonly id: string } | { readonly key: string },
    options?: { readonly signal?: AbortSignal },
  ): Promise<DiscardResult>;
  /**
   * Sessions at the remote that no journal of this store names: what crashes and lost answers left, and what other
   * programs are doing. Told one by one; aborted only with `abort`.
   */
  sweep(request: SweepRequest): AsyncIterable<OrphanedSession>;
  /** The id that an upload to this key gets. */
  idOf(key: string): Promise<string>;
}

const idPattern = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * Composes a transport, a store and the engine. Nothing is opened or sent until the first call.
 * Throws `invalid-options`.
 */
export function createTransfers(options: TransfersOptions): Transfers {
  const settings = readSettings(options);
  const { store, clock = systemClock } = options;
  const transport = (options.layers ?? []).reduceRight((inner, layer) => layer(inner), options.transport);
  const algorithm = chooseAlgorithm(transport, options.checksums ?? []);
  const { concurrency, maxBufferedBytes } = settings;
  const limits = { clock, concurrency, maxBufferedBytes };
  const common = concurrency === "auto" && clock === systemClock;
  const governor = common ? sharedGovernor(transport.id, limits) : new Governor(limits);
  const shop: Workshop = {
    transport,
    store,
    settings,
    algorithm,
    clock,
    governor,
    budget: new RetryBudget(clock),
  };
  const runs = new SharedRuns();
  const idOf = (key: string) => digest({ transport: transport.id, key });

  return {
    idOf,
    list: () => listTransfers(store),
    sweep: (request) => sweepSessions(shop, request),
    async discard(which, { signal } = {}) {
      const found = "id" in which ? { id: checkId(which.id) } : { id: await idOf(which.key), key: which.key };
      return discardTransfer(shop, found, signal);
    },
    async upload(request) {
      const order = readOrder(request);
      const { signal, onEvent } = request;
      signal?.throwIfAborted();
      transport.prepare({ key: order.key, options: order.object });
      const id = request.id === undefined ? await idOf(order.key) : checkId(request.id);
      const source = await toSourceOpener(request.source).open(signal ? { signal } : {});
      const facts = canonicalJson([
        order as unknown as JsonValue,
        source.location ?? null,
        source.fingerprint,
      ]);
      const caller = { signal, onEvent };
      const joined = runs.join(id, facts, caller);
      if (joined !== undefined) {
        await source.close();
        return joined;
      }
      return runs.start(id, facts, caller, async (shared, listen) => {
        try {
          return await runUpload(shop, { id, order, source, signal: shared, onEvent: listen });
        } finally {
          await source.close();
        }
      });
    },
  };
}

function checkId(id: string): string {
  if (idPattern.test(id)) return id;
  throw new TransferError(
    "invalid-options",
    `The id must be 1 to 128 characters of A-Z a-z 0-9 _ -, not ${JSON.stringify(id)}.`,
  );
}

/** The first kind the remote reports that we can compute; `crc64ecma` for our own records where it reports none. */
function chooseAlgorithm(transport: Transport, more: readonly ChecksumAlgorithm[]): ChecksumAlgorithm {
  const known = new Map([...more, crc64ecma].map((each) => [each.kind, each]));
  for (const kind of transport.abilities.partChecksums) {
    const algorithm = known.get(kind);
    if (algorithm) return algorithm;
  }
  return crc64ecma;
}
