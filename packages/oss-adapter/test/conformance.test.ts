import { type Fault, type OssEmulator, startOssEmulator } from "@partwise/oss-emulator";
import type { TransportFaults, TransportSubject } from "@partwise/testkit";
import { describeTransport } from "@partwise/testkit/vitest";
import { Agent, type Dispatcher } from "undici";
import { afterAll, beforeAll } from "vitest";
import { type CredentialsProvider, ossTransport, type SignatureVersion } from "../src/index.js";

const keys = { accessKeyId: "conformance-id", accessKeySecret: "conformance-secret-0123456789" };
const temporary = {
  accessKeyId: "STS.conformance",
  accessKeySecret: "conformance-sts-secret-0123456789",
  securityToken: "conformance-token-0123456789",
};
const pageSize = 5;

let emulator: OssEmulator;
beforeAll(async () => {
  emulator = await startOssEmulator({ buckets: ["demo"], credentials: [keys, temporary], pageSize });
});
afterAll(() => emulator.close());

/**
 * Makes the next request of one transport fail, and no other: that request carries a mark of its own. An aborted
 * request that arrives late would otherwise take the fault meant for its successor.
 */
class MarkedFaults implements TransportFaults {
  readonly agent = new Agent();
  readonly dispatcher: Dispatcher;
  #mark: string | undefined;
  static #last = 0;

  constructor() {
    this.dispatcher = this.agent.compose((dispatch) => (options, handler) => {
      const mark = this.#mark;
      this.#mark = undefined;
      if (mark === undefined) return dispatch(options, handler);
      const headers = { ...(options.headers as Record<string, string>), "x-mark": mark };
      return dispatch({ ...options, headers }, handler);
    });
  }

  async #arm(fault: Fault): Promise<void> {
    const mark = `mark-${++MarkedFaults.#last}`;
    emulator.faults.add({ when: { predicate: (request) => request.headers["x-mark"] === mark }, fault });
    this.#mark = mark;
  }

  loseAnswer = () => this.#arm({ kind: "lost-answer" });
  resetMidBody = () => this.#arm({ kind: "reset-mid-body", afterBytes: 1 });
  beUnavailable = () => this.#arm({ kind: "status", status: 503, code: "ServiceUnavailable" });
  throttle = () =>
    this.#arm({ kind: "status", status: 503, code: "UploadTrafficRateLimitExceeded", retryAfter: 2 });
  expireCredentials = () => this.#arm({ kind: "credentials-expired" });
  // With the true time beside it: what is learned harms nothing after.
  skewClock = () => this.#arm({ kind: "status", status: 403, code: "RequestTimeTooSkewed" });
  stall = () => this.#arm({ kind: "stall", where: "answer" });
}

let subjects = 0;

function subject(signature: SignatureVersion, credentials: CredentialsProvider): TransportSubject {
  const folder = `run-${++subjects}`;
  const faults = new MarkedFaults();
  const transport = ossTransport({
    bucket: "demo",
    endpoint: emulator.endpoint,
    region: emulator.region,
    credentials,
    signature,
    dispatcher: faults.dispatcher,
  });
  return {
    transport: async () => transport,
    key: (name) => `${folder}/${name}`,
    pageSize,
    secrets: [keys.accessKeySecret, temporary.accessKeySecret, temporary.securityToken],
    faults,
    close: async () => {
      await transport.close();
      await faults.agent.close();
    },
  };
}

describeTransport("OSS with signature V4", () => subject("v4", async () => keys));
// The faults are armed through an undici dispatcher; what needs none runs on Node's own client too.
describeTransport("OSS by Node's own HTTP client", () => {
  const folder = `run-${++subjects}`;
  const { endpoint, region } = emulator;
  const transport = ossTransport({ bucket: "demo", endpoint, region, credentials: keys, http: "node" });
  return {
    transport: async () => transport,
    key: (name) => `${folder}/${name}`,
    pageSize,
    secrets: [keys.accessKeySecret],
    close: () => transport.close(),
  };
});
describeTransport("OSS with signature V1 and a token", () => subject("v1", async () => temporary));
