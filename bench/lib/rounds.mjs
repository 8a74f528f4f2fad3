// All cases take turns, round after round, so that a change of the machine's mood meets all of them.
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { commandOf } from "./clients.mjs";
import { drive } from "./exec.mjs";
import { cache, GiB } from "./paths.mjs";

let serial = 0;

/** The configuration every driver gets. */
export function configOf(context, sink, extra) {
  return {
    cache,
    temporary: context.folder,
    endpoint: sink.endpoint,
    ca: sink.ca,
    bucket: "bench",
    key: `bench/${process.pid}-${serial++}`,
    ...extra,
  };
}

/** Runs a driver once. The sink's own CPU is kept beside the client's. */
export async function once(context, sink, { client, config, timeout }) {
  const state = mkdtempSync(join(context.folder, "state-"));
  const before = (await sink.stats()).cpu_seconds;
  const full = configOf(context, sink, { ...config, work: state });
  const [command, args] = commandOf(client, full);
  const result = await drive(command, args, { timeout: timeout ?? 300_000, env: sink.env });
  const after = (await sink.stats()).cpu_seconds;
  rmSync(state, { recursive: true, force: true });
  return { ...result, sinkCpuSeconds: after - before };
}

const shown = (run) =>
  run.error
    ? `failed: ${run.error}`
    : `${run.seconds.toFixed(2)} s, ${(run.bytes / GiB / run.seconds).toFixed(2)} GiB/s, ${run.cpuSeconds.toFixed(2)} s CPU, ${run.maxRssMiB.toFixed(0)} MiB`;

/**
 * Runs cases (`{ id, client, label, config, timeout?, perform? }`) in turn for `rounds` rounds.
 * A case whose client is missing is kept, with the reason.
 */
export async function interleave(context, sink, all, rounds = context.rounds) {
  const cases = all.filter((one) => !context.chosen || context.chosen.includes(one.client));
  const results = cases.map(({ id, client, label }) => {
    const { missing } = context.clients[client];
    return { id, client, label, runs: [], ...(missing ? { missing } : {}) };
  });
  for (let round = 0; round < rounds; round++) {
    for (const [i, one] of cases.entries()) {
      if (results[i].missing) continue;
      const run = await (one.perform ?? once)(context, sink, one);
      results[i].runs.push(run);
      context.say(`round ${round + 1}/${rounds} ${one.id}: ${(one.shown ?? shown)(run)}`);
    }
  }
  return results;
}
