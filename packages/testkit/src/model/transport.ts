import {
  type JsonValue,
  type OpenSessionRequest,
  TransferError,
  type Transport,
} from "@partwise/core/contract";
import { objectVerbs } from "./object-verbs.js";
import { sessionVerbs } from "./session-verbs.js";
import type { ModelRemote } from "./state.js";

/** One process's connection to a model remote. */
export function connect(remote: ModelRemote): Transport {
  return {
    id: remote.id,
    limits: remote.limits,
    abilities: remote.abilities,
    locate: (key) => `model://bucket/${key}`,
    prepare,
    ...objectVerbs(remote),
    ...sessionVerbs(remote),
    async close() {},
  };
}

function prepare({ key, options = {} }: OpenSessionRequest): JsonValue {
  const bytes = new TextEncoder().encode(key).length;
  if (bytes < 1 || bytes > 1023 || /^[/\\]/.test(key)) {
    throw new TransferError(
      "invalid-options",
      `A key has 1 to 1023 bytes and does not start with / or \\; ${JSON.stringify(key.slice(0, 40))} has ${bytes}. Choose another key.`,
    );
  }
  if (options.headers !== undefined && Object.keys(options.headers).length > 0) {
    throw new TransferError(
      "unsupported",
      `The model remote knows no header ${Object.keys(options.headers)[0]}. Leave it out.`,
    );
  }
  const { acl, ifAbsent, callback, trafficLimit, requestPayer, headers, ...fixed } = options;
  return JSON.parse(JSON.stringify(fixed)) as JsonValue;
}
