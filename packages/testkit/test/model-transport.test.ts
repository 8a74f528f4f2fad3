import { modelRemote } from "../src/model/remote.js";
import { describeTransport } from "../src/vitest.js";

describeTransport("model transport", () => {
  const remote = modelRemote({ pageSize: 7 });
  return { transport: async () => remote.transport(), key: (name) => `case/${name}`, pageSize: 7 };
});

describeTransport("model transport without abilities", () => {
  const remote = modelRemote({
    pageSize: 7,
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
  return { transport: async () => remote.transport(), key: (name) => `case/${name}`, pageSize: 7 };
});
