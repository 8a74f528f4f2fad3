import { describe, expect, it } from "vitest";
import { type Case, type Closable, runCase } from "../src/cases/case.js";
import { storeCases } from "../src/cases/store/index.js";
import { transportCases } from "../src/cases/transport/index.js";
import { brokenStores } from "./broken-stores.js";
import { brokenTransports, transportSubject } from "./broken-transports.js";

/** Runs one case by its name, and gives why it failed. */
async function failureOf<S extends Closable>(cases: readonly Case<S>[], name: string, make: () => S) {
  const found = cases.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no case "${name}"`);
  const { result, reason } = await runCase(found, make);
  return result === "failed" ? (reason ?? "") : result;
}

describe("each case catches the bug it is there for", () => {
  for (const [bug, name, reason, make] of brokenStores) {
    it(`a store that ${bug}`, async () => {
      expect(await failureOf(storeCases, name, make)).toContain(reason);
    });
  }

  for (const [bug, name, reason, spoil] of brokenTransports) {
    it(`a transport that ${bug}`, async () => {
      const make = () => transportSubject(spoil);
      expect(await failureOf(transportCases, name, make)).toContain(reason);
    });
  }
});
