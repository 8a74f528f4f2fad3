/** Front door: the OSS transport and its credentials. */
export { type Credentials, type CredentialsProvider, environmentCredentials } from "./credentials.js";
export type { OssTransportOptions, SignatureVersion } from "./options.js";
export { type OssTransport, ossTransport } from "./oss-transport.js";
export type { PresignedRequest, PresignRequest } from "./presign.js";
