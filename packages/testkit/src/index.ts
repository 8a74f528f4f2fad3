/** What tests of Partwise, and of adapters to it, are made of. */
export { type AroundStore, aroundStore, type StoreCall, type StoreVerb } from "./around/store.js";
export {
  type AroundTransport,
  aroundTransport,
  type Changes,
  type TransportCall,
  type TransportVerb,
} from "./around/transport.js";
export { type Case, type CaseResult, type Closable, runCase } from "./cases/case.js";
export { CaseFailure } from "./cases/check.js";
export { storeCases } from "./cases/store/index.js";
export type { StoreCase, StoreSubject } from "./cases/store/subject.js";
export { transportCases } from "./cases/transport/index.js";
export type {
  TransportCase,
  TransportFaults,
  TransportSubject,
  WritingVerb,
} from "./cases/transport/subject.js";
export { type FakeClock, type FakeClockOptions, fakeClock } from "./clock/fake-clock.js";
export { type SeededRandom, seededRandom } from "./clock/random.js";
export {
  beginLife,
  type Death,
  type Effect,
  type Life,
  type LifeEnd,
  type Side,
} from "./crash/crash-points.js";
export {
  type FaultRates,
  type FaultScript,
  faultScript,
  passingErrors,
  randomFaults,
} from "./faults/scripts.js";
export { faultyStore, type PickStoreFault, type StoreFault } from "./faults/store.js";
export { faultyTransport, type PickTransportFault, type TransportFault } from "./faults/transport.js";
export { crc64 } from "./model/crc64.js";
export { type ModelRemoteOptions, modelRemote, modelTransport } from "./model/remote.js";
export type { Applied, ModelObject, ModelPart, ModelRemote, ModelSession } from "./model/state.js";
