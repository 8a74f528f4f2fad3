/** What tests of Partwise, and of adapters to it, are made of. */
export { type FakeClock, type FakeClockOptions, fakeClock } from "./clock/fake-clock.js";
export { type SeededRandom, seededRandom } from "./clock/random.js";
export { crc64 } from "./model/crc64.js";
export { type ModelRemoteOptions, modelRemote, modelTransport } from "./model/remote.js";
export type { Applied, ModelObject, ModelPart, ModelRemote, ModelSession } from "./model/state.js";
