/** Middle value; of an even number, the mean of the two in the middle. */
export function median(values) {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** `{ median, low, high, runs, failed }` of one figure over a case's runs; failed runs count only as failed. */
export function summary(result, figure) {
  const good = (result?.runs ?? []).filter((run) => !run.error);
  const values = good.map(figure).filter((value) => Number.isFinite(value));
  if (values.length === 0) return undefined;
  return { median: median(values), low: Math.min(...values), high: Math.max(...values) };
}

export const failures = (result) => (result?.runs ?? []).filter((run) => run.error);

export const rate = (run) => run.bytes / run.seconds;
export const cpuPerGiB = (run) => run.cpuSeconds / (run.bytes / 2 ** 30);
export const peak = (run) => run.maxRssMiB;
