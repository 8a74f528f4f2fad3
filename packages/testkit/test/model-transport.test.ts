import { systemClock, type TransferError } from "@partwise/core/contract";
import type { TransportFaults, TransportSubject } from "../src/cases/transport/subject.js";
import { type FaultScript, faultScript, passingErrors } from "../src/faults/scripts.js";
import { faultyTransport } from "../src/faults/transport.js";
import { modelRemote } from "../src/model/remote.js";
import { describeTransport } from "../src/vitest.js";

const any = () => true;

function faultsOf(script: FaultScript): TransportFaults {
  const refuse = async (error: TransferError) => script.next(any, { kind: "refuse", error });
  return {
    loseAnswer: async (verb) => script.next(verb, { kind: "lose" }),
    resetMidBody: async () => script.next(any, { kind: "reset", after: 40_000 }),
    beUnavailable: () => refuse(passingErrors.unavailable()),
    throttle: () => refuse(passingErrors.throttled(2_000)),
    expireCredentials: () => refuse(passingErrors.credentialsExpired()),
    skewClock: () => refuse(passingErrors.clockSkewed()),
    stall: async () => script.next(any, { kind: "stall", at: "after" }),
  };
}

describeTransport("model transport", (): TransportSubject => {
  const remote = modelRemote({ pageSize: 7 });
  const script = faultScript();
  return {
    transport: async () => faultyTransport(remote.transport(), script.pick, systemClock),
    key: (name) => `case/${name}`,
    pageSize: 7,
    secrets: ["the model has no secret"],
    faults: faultsOf(script),
  };
});

describeTransport("model transport without abilities", () => {
  const remote = modelRemote({
    limits: { partSize: { min: 1, max: 1024 ** 3 } },
    abilities: {
      listParts: false,
      partChecksums: [],
      objectChecksums: [],
      conditionalCommit: false,
      copyPart: false,
      listSessions: false,
      readRange: false,
    },
  });
  return { transport: async () => remote.transport(), key: (name) => `case/${name}` };
});
