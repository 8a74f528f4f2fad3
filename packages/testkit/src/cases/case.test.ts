import { describe, expect, it } from "vitest";
import { type Case, runCase } from "./case.js";
import { storeCases } from "./store/index.js";
import { transportCases } from "./transport/index.js";

describe("cases", () => {
  it("have names of their own, and say what they prevent", () => {
    for (const cases of [storeCases, transportCases] as readonly (readonly Case<never>[])[]) {
      const names = cases.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(cases.filter(({ prevents }) => prevents.length < 20)).toEqual([]);
    }
  });

  it("run without a test runner, and close their subject however they end", async () => {
    let closed = 0;
    const subject = () => ({
      close: async () => {
        closed++;
      },
    });
    const make = (more: Partial<Case<object>>): Case<object> => ({
      name: "it",
      prevents: "nothing",
      run: async () => {},
      ...more,
    });
    expect(await runCase(make({}), subject)).toEqual({ name: "it", result: "passed" });
    expect(await runCase(make({ needs: () => "no hook" }), subject)).toEqual({
      name: "it",
      result: "skipped",
      reason: "no hook",
    });
    const fail = make({ run: () => Promise.reject(new Error("broken")) });
    expect(await runCase(fail, subject)).toMatchObject({ result: "failed", reason: "Error: broken" });
    expect(closed).toBe(3);
  });
});
