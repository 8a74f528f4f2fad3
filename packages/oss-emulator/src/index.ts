export type { OpenPart, OpenSession } from "./admin/inspect.js";
export { DEFAULT_CREDENTIALS, type OssEmulator, type StoredObject, startOssEmulator } from "./emulator.js";
export type { FaultHandle, Faults } from "./faults/faults.js";
export type { Fault, FaultKind, FaultMatch, FaultRule } from "./faults/rules.js";
export type { LoggedRequest } from "./http/log.js";
export type { NetworkOptions } from "./http/network.js";
export type { OperationName } from "./operations/route.js";
export type { OssEmulatorOptions } from "./options.js";
export type { EmulatorCredentials } from "./sign/credentials.js";
