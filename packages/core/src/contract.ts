/** Front door for adapter authors: the ports, what crosses them, and the one error. */

export { systemClock } from "./clock.js";
export type {
  AppendOptions,
  CheckpointStore,
  Durability,
  Journal,
  JournalPage,
  Lease,
  LeaseInfo,
  ListedJournal,
  Position,
  Reach,
} from "./contracts/checkpoint-store.js";
export type {
  ChecksumAlgorithm,
  ReadBuffers,
  RunningChecksum,
} from "./contracts/checksum.js";
export type { Clock } from "./contracts/clock.js";
export type { Layer } from "./contracts/layer.js";
export type { Body, ReadOptions, Slice, Source, SourceOpener, SourceState } from "./contracts/source.js";
export type {
  AbortSessionRequest,
  Answer,
  CallOptions,
  CompleteSessionRequest,
  CopyPartRequest,
  FindObjectRequest,
  ListedSession,
  ListPartsRequest,
  ListSessionsRequest,
  ObjectOptions,
  OpenedSession,
  OpenSessionRequest,
  PartAnswer,
  PartsPage,
  PutObjectRequest,
  PutPartRequest,
  RangeAnswer,
  ReadRangeRequest,
  Session,
  SessionsPage,
  StoredObject,
  Transport,
  TransportAbilities,
  TransportLimits,
} from "./contracts/transport.js";
export {
  type ErrorDetails,
  type ErrorGroup,
  errorTable,
  isTransferError,
  type Outcome,
  type RemoteDetails,
  TransferError,
  type TransferErrorCode,
  type TransferErrorOptions,
} from "./errors.js";
export { wrap as wrapTransport } from "./layers/wrap.js";
export type { Checksum, ChecksumKind } from "./model/checksum.js";
export type { JsonValue } from "./model/json.js";
export { type Range, rangeSize } from "./model/range.js";
export type { Receipt } from "./model/receipt.js";
