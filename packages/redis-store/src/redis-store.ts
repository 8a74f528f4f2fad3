import type { CheckpointStore, Journal } from "@partwise/core/contract";
import { Catalog } from "./catalog.js";
import { recognise } from "./connection/recognise.js";
import { connectTo, parseUrl } from "./connection/url.js";
import { invalid, type RedisStoreOptions, settle } from "./options.js";
import { RedisJournal } from "./redis-journal.js";
import { Server } from "./server.js";

/**
 * Keeps journals in Redis (6.2 or later) or Valkey, also as a cluster: any machine can go on where another stopped,
 * and several can work on one object at once. Nothing is connected before the first question. Throws `invalid-options`
 * for options that cannot work; an outage is `store-unavailable`, within `commandTimeout`.
 */
export function redisStore(options: RedisStoreOptions): CheckpointStore {
  const settings = settle(options);
  const { address, connect } = connectionOf(options, settings.commandTimeout);
  const server = new Server(`redis:${address}#${settings.namespace}`, settings, connect);
  const catalog = new Catalog(server);
  return {
    name: server.name,
    reach: "network",
    durability: settings.durability,
    async open(id: string): Promise<Journal> {
      if (!/^[A-Za-z0-9_-]{1,128}$/.test(id)) {
        throw invalid(
          `${JSON.stringify(id).slice(0, 140)} is no journal id; use 1 to 128 characters of A-Z a-z 0-9 _ -.`,
        );
      }
      return new RedisJournal(id, server, catalog);
    },
    list: () => catalog.journals(),
    async prune({ olderThan }) {
      if (!(olderThan >= 0)) throw invalid(`olderThan is ${olderThan}; use milliseconds, 0 or more.`);
      return catalog.prune(olderThan);
    },
    close: () => server.close(),
  };
}

function connectionOf({ client, url = "", tls }: RedisStoreOptions, timeout: number) {
  if (client === undefined) {
    const place = parseUrl(url, tls);
    const host = place.host.includes(":") ? `[${place.host}]` : place.host;
    return { address: `${host}:${place.port}/${place.db}`, connect: () => connectTo(place, timeout) };
  }
  const connection = recognise(client);
  return { address: connection.address, connect: async () => ({ connection }) };
}
