import type { StoredObject } from "../contracts/transport.js";
import type { UploadResult } from "../events.js";
import type { Checksum } from "../model/checksum.js";
import type { Run } from "./run.js";

/** What there is to tell of a committed object. */
export interface Committed {
  readonly object: StoredObject;
  readonly checksum: Checksum | undefined;
  readonly overwritten: boolean;
}

/** The last words of an upload. */
export function finish(run: Run, committed: Committed, outcome: UploadResult["outcome"]): UploadResult {
  const { object, checksum, overwritten } = committed;
  const { sent, wasted } = run.meter;
  const result: UploadResult = {
    id: run.id,
    key: run.order.key,
    location: run.transport.locate(run.order.key),
    size: run.size,
    tag: object.tag,
    ...(checksum && { checksum }),
    sentBytes: sent,
    resumedBytes: outcome === "found" ? run.size : run.meter.resumed,
    wastedBytes: wasted,
    outcome,
    ...(object.versionId !== undefined && { versionId: object.versionId }),
    ...(overwritten && { overwritten }),
    ...(object.callback && { callback: object.callback }),
  };
  run.emit({ type: "transfer.completed", ...result });
  return result;
}
