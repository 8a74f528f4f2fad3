import { type CheckpointStore, TransferError, type TransferSummary, type Transport } from "@partwise/core";
import type { Host } from "../host.js";

/** The transfers of a store, the latest first. No remote is asked. */
export async function knownTransfers(host: Host, store: CheckpointStore): Promise<TransferSummary[]> {
  const found: TransferSummary[] = [];
  for await (const each of host.createTransfers({ transport: nowhere, store }).list()) found.push(each);
  return found.sort((a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1));
}

const no = () => {
  throw new TransferError("unsupported", "There is no remote here.");
};

/** Stands where a transport must be given but nothing is sent. */
const nowhere: Transport = {
  id: "nowhere",
  limits: { partSize: { min: 1, max: 1 }, parts: 1, putObject: 1 },
  abilities: {
    listParts: false,
    partChecksums: [],
    objectChecksums: [],
    equalParts: false,
    conditionalCommit: false,
    copyPart: false,
    listSessions: false,
    readRange: false,
    signedRequests: false,
    modifiedAt: "completed",
  },
  locate: (key) => key,
  prepare: no,
  putObject: no,
  openSession: no,
  putPart: no,
  listParts: no,
  completeSession: no,
  abortSession: no,
  findObject: no,
  readRange: no,
  copyPart: no,
  listSessions: no,
  close: async () => {},
};
