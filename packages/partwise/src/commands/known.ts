import { type CheckpointStore, TransferError, type TransferSummary, type Transport } from "@partwise/core";
import { usageError } from "../failure.js";
import type { Host } from "../host.js";

/** The transfers of a store, the latest first. No remote is asked. */
export async function knownTransfers(host: Host, store: CheckpointStore): Promise<TransferSummary[]> {
  const found: TransferSummary[] = [];
  for await (const each of host.createTransfers({ transport: nowhere, store }).list()) found.push(each);
  return found.sort((a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1));
}

/** The one transfer whose id begins so. */
export async function knownById(host: Host, store: CheckpointStore, start: string): Promise<TransferSummary> {
  const known = await knownTransfers(host, store);
  const exact = known.filter(({ id }) => id === start);
  const found = exact.length > 0 ? exact : known.filter(({ id }) => start !== "" && id.startsWith(start));
  return theOne(found, `an id that begins with ${JSON.stringify(start)}`, "Write more of the id.");
}

/** The one transfer to this target. */
export async function knownByTarget(
  host: Host,
  store: CheckpointStore,
  target: string,
): Promise<TransferSummary> {
  const found = (await knownTransfers(host, store)).filter((each) => each.target === target);
  return theOne(found, `the target ${JSON.stringify(target)}`, "Name one by its id.");
}

function theOne(found: readonly TransferSummary[], what: string, mend: string): TransferSummary {
  const [first, second] = found;
  if (!first)
    throw new TransferError("not-found", `No transfer in the store has ${what}; see partwise list.`);
  if (second) throw usageError(`${found.length} transfers have ${what}. ${mend}`);
  return first;
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
