import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("../.ci/summary.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "partwise-summary-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Report {
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

const report = (more: Partial<Report>): Report => ({
  success: true,
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...more,
});

function sumUp(status: number, content: string | undefined) {
  const file = join(folder, content === undefined ? "absent.json" : "report.json");
  if (content !== undefined) writeFileSync(file, content);
  const { stdout, status: exit } = spawnSync(process.execPath, [script, String(status), file], {
    encoding: "utf8",
  });
  return { line: stdout, exit };
}

const notLoaded = { status: "failed", assertionResults: [] };
const oneFailed = { status: "failed", assertionResults: [{ status: "passed" }, { status: "failed" }] };

describe("the last line of .ci/run", () => {
  it.each([
    ["all is well", 0, report({}), "5 passed, 0 failed", 0],
    [
      "some are skipped",
      0,
      report({ numPendingTests: 1, numTodoTests: 1 }),
      "5 passed, 0 failed, 2 skipped",
      0,
    ],
    [
      "a test fails",
      1,
      report({ success: false, numFailedTests: 1, testResults: [oneFailed] }),
      "5 passed, 1 failed",
      1,
    ],
    [
      "a file does not load",
      1,
      report({ success: false, testResults: [notLoaded] }),
      "5 passed, 1 failed",
      1,
    ],
    ["an error is unhandled", 1, report({ success: true }), "5 passed, 1 failed", 1],
    ["the report says no, npm says yes", 0, report({ success: false }), "5 passed, 1 failed", 1],
    ["there are no tests", 0, report({ numPassedTests: 0 }), "0 passed, 1 failed", 1],
  ])("when %s", (_, status, content, line, exit) => {
    expect(sumUp(status, JSON.stringify(content))).toEqual({ line: `${line}\n`, exit });
  });

  it("when the tests were not reached, or the report was cut off", () => {
    expect(sumUp(1, undefined)).toEqual({ line: "0 passed, 1 failed\n", exit: 1 });
    expect(sumUp(0, '{"success": tr')).toEqual({ line: "0 passed, 1 failed\n", exit: 1 });
  });
});
