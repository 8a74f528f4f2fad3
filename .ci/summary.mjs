// Prints the one line that sums a test run up, and exits with 1 when anything at all went wrong.
// Usage: node .ci/summary.mjs <exit status of npm test> <report of vitest's json reporter>
import { readFileSync } from "node:fs";

const [status, file] = process.argv.slice(2);
const report = read(file);
const passed = report?.numPassedTests ?? 0;
const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
// A file that does not load has failed without one failing test.
const broken = (report?.testResults ?? []).filter(
  ({ status, assertionResults }) =>
    status === "failed" && !assertionResults.some((test) => test.status === "failed"),
);
let failed = (report?.numFailedTests ?? 0) + broken.length;
// Types, lint, unhandled errors, lost workers, no tests at all: whatever the count misses is one failure.
const whole = status === "0" && report?.success === true && passed > 0;
if (failed === 0 && !whole) failed = 1;

const counts = [`${passed} passed`, `${failed} failed`];
if (skipped > 0) counts.push(`${skipped} skipped`);
process.exitCode = failed > 0 ? 1 : 0;
console.log(counts.join(", "));

function read(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // The tests were not reached; npm test has said why.
    return undefined;
  }
}
