import { usageError } from "../failure.js";

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds from `500ms`, `90s`, `15m`, `2h`, `1d` or several of them, as in `1h30m`. */
export function parseDuration(option: string, text: string): number {
  const steps = [
    ...text
      .trim()
      .toLowerCase()
      .matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/gy),
  ];
  const read = steps.reduce((length, [step]) => length + step.length, 0);
  const ms = Math.round(
    steps.reduce((sum, [, digits, unit = ""]) => sum + Number(digits) * (units[unit] ?? 0), 0),
  );
  if (read === 0 || read !== text.trim().length || !Number.isSafeInteger(ms)) {
    throw usageError(`${option} is not a duration: write it with its unit, as 500ms, 90s, 15m or 1h30m.`);
  }
  return ms;
}
