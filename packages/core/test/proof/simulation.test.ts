import { expect, test } from "vitest";
import { simulate } from "./helpers/sim/simulate.js";

const asked = process.env["PARTWISE_SEED"];
const seeds = asked
  ? [Number(asked)]
  : Array.from(
      { length: Number(process.env.N ?? 300) },
      (_, index) => index + 1 + Number(process.env.FROM ?? 0),
    );
test("histories", async () => {
  const failed: string[] = [];
  const t = Date.now();
  for (const seed of seeds) {
    const t1 = Date.now();
    if (process.env.V) process.stderr.write(`${seed} `);
    const report = await simulate(seed);
    if (asked) console.log(JSON.stringify(report.plan), report.log.join("\n"));
    if (report.broken.length)
      failed.push(`${seed} ${report.plan.kind}: ${report.broken.join("; ").slice(0, 400)}`);
    if (Date.now() - t1 > 1000) console.log("slow", seed, Date.now() - t1);
  }
  console.log("ms", Date.now() - t, failed.length);
  console.log(failed.slice(0, 40).join("\n"));
  expect(failed.length).toBe(0);
}, 2_000_000);
