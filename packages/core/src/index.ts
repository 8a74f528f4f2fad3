/** Front door for applications. */
export { blobSource } from "./builtin/blob-source.js";
export { bytesSource } from "./builtin/bytes-source.js";
export { type MemoryStoreOptions, memoryStore } from "./builtin/memory-store.js";
export { crc64ecma } from "./checksum/index.js";
export { systemClock } from "./clock.js";
export type { CheckpointStore } from "./contracts/checkpoint-store.js";
export type { ChecksumAlgorithm } from "./contracts/checksum.js";
export type { Clock } from "./contracts/clock.js";
export type { Layer } from "./contracts/layer.js";
export type { Source, SourceOpener } from "./contracts/source.js";
export type { ObjectOptions, Transport } from "./contracts/transport.js";
export { isTransferError, TransferError, type TransferErrorCode } from "./errors.js";
export type { Progress, SupersedeReason, TransferEvent, TransferEventType, UploadResult } from "./events.js";
export type { Checksum } from "./model/checksum.js";
export type { Plan } from "./model/plan.js";
export type { TransfersOptions, UploadRequest, Verify } from "./options.js";
export type { DiscardResult, TransferSummary } from "./summary.js";
export { createTransfers, type Transfers } from "./transfers.js";
