// What one driver costs: wall clock, CPU of this process and its threads, peak memory. Start-up is excluded from the first two.
import { readFileSync } from "node:fs";

/** Peak resident memory in MiB. Linux's getrusage would start at our parent's peak; the kernel's own line does not. */
function peakMiB() {
  try {
    const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"));
    if (line) return Number(line[1]) / 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS / 1024;
}

/** Names and paths of a run over many small files. */
export function smallFiles(config) {
  return Array.from({ length: config.count }, (_, i) => {
    const name = `${String(i).padStart(5, "0")}.bin`;
    return { key: `${config.key}/${name}`, path: `${config.directory}/${name}` };
  });
}

/** Runs `one` for each item, so many at once, as an application would. */
export async function pooled(items, width, one) {
  let next = 0;
  const lane = async () => {
    while (next < items.length) await one(items[next++]);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
}

/**
 * Reads the configuration (one JSON argument), lets `prepare` build the client, then times the function it returns,
 * called `repetitions` times. Prints one line of JSON; a failure is one line with `error`, and exit status 1.
 */
export async function measured(prepare) {
  const config = JSON.parse(process.argv[2]);
  try {
    const upload = await prepare(config);
    const repetitions = config.repetitions ?? 1;
    const cpu = process.cpuUsage();
    const startedAt = Date.now();
    const from = process.hrtime.bigint();
    let extra = {};
    for (let i = 0; i < repetitions; i++) {
      extra = (await upload(repetitions > 1 ? `${config.key}-${i}` : config.key)) ?? {};
    }
    const seconds = Number(process.hrtime.bigint() - from) / 1e9;
    const used = process.cpuUsage(cpu);
    const bytes = config.size * (config.count ?? 1) * repetitions;
    const result = {
      startedAt,
      seconds,
      cpuSeconds: (used.user + used.system) / 1e6,
      maxRssMiB: peakMiB(),
      bytes,
      ...extra,
    };
    process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
  } catch (error) {
    const text = `${error?.code ?? error?.name ?? "error"}: ${String(error?.message ?? error).slice(0, 300)}`;
    process.stdout.write(`${JSON.stringify({ error: text })}\n`, () => process.exit(1));
  }
}
