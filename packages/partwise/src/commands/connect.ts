import type { Transfers, TransfersOptions, Transport } from "@partwise/core";
import type { Host } from "../host.js";
import { type RemoteOptions, remoteOf, type StoreOptions, storePlace } from "./options.js";

/** One bucket and the store of journals, for as long as `use` runs. */
export async function withTransfers<T>(
  host: Host,
  bucket: string,
  options: RemoteOptions & StoreOptions,
  more: Pick<TransfersOptions, "concurrency" | "leaseTtl" | "holder">,
  use: (transfers: Transfers, transport: Transport) => Promise<T>,
): Promise<T> {
  const remote = remoteOf(host, bucket, options);
  const store = await host.openStore(storePlace(host, options));
  try {
    const transport = host.openTransport(remote);
    try {
      return await use(host.createTransfers({ transport, store, ...more }), transport);
    } finally {
      await transport.close();
    }
  } finally {
    await store.close();
  }
}
