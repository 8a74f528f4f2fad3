import type { Answer, CallOptions } from "@partwise/core/contract";
import type { Applied, ModelRemote } from "./state.js";

/** Counts one request, refuses an aborted one, and gives what every answer carries. */
export function accept(remote: ModelRemote, verb: string, { signal }: CallOptions): Answer {
  signal.throwIfAborted();
  remote.requests.set(verb, (remote.requests.get(verb) ?? 0) + 1);
  const count = [...remote.requests.values()].reduce((sum, each) => sum + each, 0);
  return { requestId: `model-${count}`, remoteTime: wholeSeconds(remote) };
}

/** Notes what was done. */
export function note(remote: ModelRemote, done: Omit<Applied, "at">): void {
  remote.applied.push({ ...done, at: remote.clock.now() });
}

/** The remote's time as its answers show it. */
export function wholeSeconds(remote: ModelRemote): number {
  return Math.floor(remote.clock.now() / 1000) * 1000;
}
