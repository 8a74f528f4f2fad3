/** What tests of Partwise, and of adapters to it, are made of. */
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
export { crc64 } from "./model/crc64.js";
export { type ModelRemoteOptions, modelRemote, modelTransport } from "./model/remote.js";
export type { Applied, ModelObject, ModelPart, ModelRemote, ModelSession } from "./model/state.js";
