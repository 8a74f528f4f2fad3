import { type Body, type Clock, TransferError, type Transport } from "@partwise/core/contract";
import { type AroundTransport, aroundTransport, type TransportCall } from "../around/transport.js";
import { readBody } from "../model/read-body.js";
import { brokenBody, corruptBody, savedBody, stallingBody } from "./bodies.js";
import { aborted } from "./wait.js";

/** What goes wrong with one request. */
export type TransportFault =
  /** It fails before it leaves. */
  | { readonly kind: "refuse"; readonly error: TransferError }
  /** The remote does the work; the answer is lost. */
  | { readonly kind: "lose" }
  /** The answer is lost at once; the remote does the work only after `ms` milliseconds, whatever happened meanwhile. */
  | { readonly kind: "land-late"; readonly ms: number }
  /** It takes longer: before the remote sees it, and before its answer arrives. */
  | { readonly kind: "delay"; readonly before?: number; readonly after?: number }
  /** One byte of the body is changed on the way. */
  | { readonly kind: "corrupt" }
  /** The connection ends after `after` bytes of the body. */
  | { readonly kind: "reset"; readonly after: number }
  /** Nothing moves until the call is aborted: before it leaves, in the middle of its body, or before the answer. */
  | { readonly kind: "stall"; readonly at: "before" | "within" | "after" };

/** Decides what goes wrong with a request, if anything. */
export type PickTransportFault = (call: TransportCall) => TransportFault | undefined;

/**
 * A transport that fails as told. What a fault needs a body for does nothing to requests without one.
 * @param clock Measures delays.
 */
export function faultyTransport(inner: Transport, pick: PickTransportFault, clock: Clock): Transport {
  const around: AroundTransport = async (call, run) => {
    const { signal } = call;
    signal.throwIfAborted();
    const fault = pick(call);
    switch (fault?.kind) {
      case undefined:
        return run();
      case "refuse":
        throw fault.error;
      case "lose":
        await run();
        throw lost(call);
      case "land-late": {
        const body = call.body && savedBody(call.body, await readBody(call.body, signal));
        const changes = { signal: new AbortController().signal, ...(body && { body }) };
        const land = async () => {
          await clock.sleep(fault.ms);
          await run(changes);
        };
        // What becomes of it nobody learns.
        land().catch(() => {});
        throw lost(call);
      }
      case "delay": {
        await clock.sleep(fault.before ?? 0, signal);
        const answer = await run();
        await clock.sleep(fault.after ?? 0, signal);
        return answer;
      }
      case "corrupt":
        return call.body === undefined ? run() : run({ body: corruptBody(call.body, clock.random()) });
      case "reset": {
        if (call.body === undefined) throw lost(call);
        await untilBroken(run, brokenBody(call.body, fault.after), signal);
        throw lost(call);
      }
      case "stall":
        if (fault.at === "within" && call.body !== undefined) {
          return run({ body: stallingBody(call.body, signal) });
        }
        if (fault.at === "after") await run();
        return aborted(signal);
    }
  };
  return aroundTransport(inner, around);
}

async function untilBroken(
  run: (changes: { body: Body }) => Promise<unknown>,
  body: Body,
  signal: AbortSignal,
): Promise<void> {
  try {
    await run({ body });
  } catch {
    signal.throwIfAborted();
  }
}

function lost({ verb, key }: TransportCall): TransferError {
  return new TransferError(
    "unavailable",
    `The connection ended before the answer to ${verb}${key === undefined ? "" : ` of ${key}`} came. Try again.`,
    { outcome: "unknown" },
  );
}
