import type { Agent } from "undici";
import type { WireOptions } from "./node-wire.js";
import { dispatcherWire, type Wire } from "./wire.js";

/** Requests by undici, loaded with the first of them: whoever uses another client does not pay for it. */
export function undiciWire({ origin, connections, connectTimeout }: WireOptions): Wire {
  let agent: Promise<Agent> | undefined;
  const load = async () => {
    const { Agent } = await import("undici");
    return new Agent({
      connect: { timeout: connectTimeout },
      connections: Number.isFinite(connections) ? connections : null,
      pipelining: 1,
      allowH2: false,
      // Core's watchdog ends what stands still.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  };
  return {
    async request(request) {
      agent ??= load();
      return dispatcherWire(await agent, origin).request(request);
    },
    close: async () => (await agent)?.close(),
  };
}
