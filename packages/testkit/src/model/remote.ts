import { type Clock, systemClock, type Transport, type TransportAbilities } from "@partwise/core/contract";
import { isThere, type ModelRemote } from "./state.js";
import { connect } from "./transport.js";

/** Options of {@link modelRemote}. Defaults are those of Alibaba OSS. */
export interface ModelRemoteOptions {
  /** The remote's own clock. Default: the machine's. */
  readonly clock?: Clock;
  /** Default `model:test:bucket`. */
  readonly id?: string;
  /** Default: parts of 102,400 B to 5 GiB, 10,000 of them, objects put in one go up to 5 GiB. */
  readonly limits?: {
    readonly partSize?: { readonly min: number; readonly max: number };
    readonly parts?: number;
    readonly putObject?: number;
  };
  /** Default: everything, checksums by `crc64ecma`, but no equal parts and no signed requests. */
  readonly abilities?: Partial<TransportAbilities>;
  /** Parts or sessions on one page of a listing. Default 1,000. */
  readonly pageSize?: number;
}

/** Makes a {@link ModelRemote}. */
export function modelRemote(options: ModelRemoteOptions = {}): ModelRemote {
  const gib = 1024 ** 3;
  const remote: ModelRemote = {
    clock: options.clock ?? systemClock,
    id: options.id ?? "model:test:bucket",
    limits: {
      partSize: { min: 100 * 1024, max: 5 * gib },
      parts: 10_000,
      putObject: 5 * gib,
      ...options.limits,
    },
    abilities: {
      listParts: true,
      partChecksums: ["crc64ecma"],
      objectChecksums: ["crc64ecma"],
      equalParts: false,
      conditionalCommit: true,
      copyPart: true,
      listSessions: true,
      readRange: true,
      signedRequests: false,
      modifiedAt: "completed",
      ...options.abilities,
    },
    pageSize: options.pageSize ?? 1_000,
    objects: new Map(),
    sessions: new Map(),
    applied: [],
    requests: new Map(),
    received: 0,
    transport: () => connect(remote),
    writesOf: (session, number) =>
      remote.applied.filter(
        (done) =>
          (done.verb === "putPart" || done.verb === "copyPart") &&
          done.session === session &&
          done.number === number,
      ).length,
    leftovers: () => [...remote.sessions.values()].filter(isThere),
  };
  return remote;
}

/** A transport to a model remote of its own. */
export function modelTransport(options: ModelRemoteOptions = {}): Transport {
  return modelRemote(options).transport();
}
