import type { NetworkOptions } from "./http/network.js";
import type { EmulatorCredentials } from "./sign/credentials.js";

/** How to start an emulator. Everything has a default. */
export interface OssEmulatorOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Address to listen on, default 127.0.0.1. */
  readonly host?: string;
  /** Where the data is kept; default a temporary folder that is removed on close. */
  readonly directory?: string;
  /** Buckets that are created if they do not exist, default `["demo"]`. */
  readonly buckets?: readonly string[];
  /** Region id that V4 signatures must name, default cn-hangzhou. */
  readonly region?: string;
  /** Default one pair: emulator-id, emulator-secret. */
  readonly credentials?: readonly EmulatorCredentials[];
  /** The emulator's clock, milliseconds since 1970; default `Date.now`. */
  readonly now?: () => number;
  /** Most parts or uploads on one page of a listing, 1 to 1000, default 1000. */
  readonly pageSize?: number;
  /** Whether ListParts gives `HashCrc64ecma`, default true. */
  readonly partChecksums?: boolean;
  /** Least bytes of every part but the last at Complete, default 102400. */
  readonly minPartSize?: number;
  /** Milliseconds after which an open upload is dropped, as a lifecycle rule would; default never. */
  readonly sessionLifetime?: number;
  /** Milliseconds of silence inside a body after which the answer is 400 RequestTimeout, default 60000. */
  readonly bodyTimeout?: number;
  /** Custom domains: host name (without port) to bucket. */
  readonly domains?: Readonly<Record<string, string>>;
  /** An emulated slow or shaky network; default none. */
  readonly network?: NetworkOptions;
  /** PEM key and certificate, to listen with TLS. */
  readonly tls?: { readonly key: string | Buffer; readonly cert: string | Buffer };
}
