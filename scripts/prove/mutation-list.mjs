// Ways to break the engine on purpose. Each is a rule turned into its opposite; the tests must notice every one.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const core = fileURLToPath(new URL("../../packages/core/", import.meta.url));
const src = `${core}src/`;

const faults = "faults";
const crashes = "crash-points";
const chance = "simulation";

/**
 * `changes`: pieces of `packages/core/src`, each found exactly once, and what takes their place.
 * `tests`: files of `packages/core/test/proof` that are to notice.
 */
export const mutations = [
  {
    name: "append-before-acknowledge",
    what: "a receipt is written before the remote has acknowledged the part",
    tests: [crashes],
    changes: [
      {
        file: "engine/send-part.ts",
        find: "const { receipt } = await run.transport.putPart(",
        put: `const guess = { receipt: { number, size, tag: "guess" }, local: await body.checksum(run.algorithm.kind) };
    await receipts.receipt(receiptEntry(run, epoch, guess));
    const { receipt } = await run.transport.putPart(`,
      },
    ],
  },
  {
    name: "trust-the-journal",
    what: "the journal's receipts are believed without listing",
    tests: [faults],
    changes: [
      {
        file: "engine/reconcile.ts",
        find: "if (!run.transport.abilities.listParts) return remembered();",
        put: "if (known.size > 0 || !run.transport.abilities.listParts) return remembered();",
      },
    ],
  },
  {
    name: "recompute-the-plan",
    what: "the plan is made anew when an upload goes on",
    tests: [faults],
    changes: [
      {
        file: "engine/open-epoch.ts",
        find: "return { number: planned.epoch, plan: planned.plan, session,",
        put: "return { number: planned.epoch, plan: { ...planned.plan, partSize: 2000, parts: Math.ceil(planned.plan.size / 2000) }, session,",
      },
    ],
  },
  {
    name: "skip-the-final-checksum",
    what: "the object's checksum is not compared",
    tests: [faults],
    changes: [
      {
        file: "engine/seal.ts",
        find: "if (remote && remote.kind === checksum.kind && !sameChecksum(remote, checksum)) {",
        put: "if (remote && remote.kind === checksum.kind && sameChecksum(remote, undefined)) {",
      },
    ],
  },
  {
    name: "abort-on-failure",
    what: "a failure aborts the session",
    tests: [faults],
    changes: [
      {
        file: "engine/upload-parts.ts",
        find: 'if (!isTransferError(error, "session-gone") || vanished === mostVanished) throw error;',
        put: `if (!isTransferError(error, "session-gone") || vanished === mostVanished) {
        const { session } = await readCheckpoint(journal, hold);
        const { signal } = new AbortController();
        if (session) await run.transport.abortSession({ session }, { signal });
        throw error;
      }`,
      },
    ],
  },
  {
    name: "complete-all",
    what: "whatever is listed is completed, not the plan's list",
    tests: [faults],
    changes: [
      {
        file: "engine/seal.ts",
        find: "const request = { session, parts, options: run.order.object };",
        put: `const all = [];
      for await (const page of run.transport.listParts({ session }, { signal: run.halt.kill })) all.push(...page.parts);
      const request = { session, parts: all, options: run.order.object };`,
      },
    ],
  },
  {
    name: "ignore-a-changed-source",
    what: "a source that changed while it was read is not noticed",
    tests: [faults, chance],
    changes: [{ file: "engine/run.ts", find: 'if (state !== "changed") return;', put: "if (state) return;" }],
  },
  {
    name: "adopt-an-older-object",
    what: "an older identical object is taken for ours",
    tests: [faults],
    changes: [
      {
        file: "engine/settle.ts",
        find: 'run.transport.abilities.modifiedAt === "completed" && expected.since !== undefined;',
        put: 'run.transport.abilities.modifiedAt === "opened" && expected.since !== undefined;',
      },
    ],
  },
  {
    name: "adopt-any-object",
    what: "another writer's object of the same size is taken for ours",
    tests: [faults],
    changes: [
      {
        file: "engine/settle.ts",
        find: "if (object.checksum && expected.checksum && !sameChecksum(object.checksum, expected.checksum))",
        put: "if (!object.tag)",
      },
    ],
  },
  {
    name: "no-fencing",
    what: "the journal takes entries of a holder whose lease is gone",
    tests: [faults, chance],
    changes: [
      {
        file: "builtin/memory-journal.ts",
        find: "const kept = this.fenced(lease);\n    if (entries.length === 0) return;",
        put: "const kept = lease && this.kept();\n    if (entries.length === 0) return;",
      },
    ],
  },
  {
    name: "believe-found-parts",
    what: "parts found on the remote are not compared with the source",
    tests: [faults],
    changes: [
      {
        file: "engine/prove.ts",
        find: "const same = sameChecksum(local, part.expected);",
        put: "const same = sameChecksum(local, local);",
      },
    ],
  },
  {
    name: "complete-blindly",
    what: "completing is tried again without looking whether it was applied",
    tests: [faults],
    changes: [
      {
        file: "layers/retry.ts",
        find: 'new Set(["completeSession"])',
        put: 'new Set(["nothing"])',
      },
    ],
  },
  {
    name: "leave-superseded-sessions",
    what: "superseded sessions are not aborted",
    tests: [faults],
    changes: [
      {
        file: "engine/open-epoch.ts",
        find: "const left = await abortOld(run, hold, old);",
        put: "const left: readonly Session[] = old.slice(0, 0);",
      },
    ],
  },
  {
    name: "settle-early",
    what: "a cancelled call does not wait for what is in flight",
    tests: [faults, chance],
    changes: [
      {
        file: "engine/pump.ts",
        find: "  } finally {\n    await Promise.all(flying.keys());\n  }",
        put: "  } finally {\n    void flying;\n  }",
      },
    ],
  },
  {
    name: "open-before-planned",
    what: "`opened` is not written down before parts are sent",
    tests: [crashes],
    changes: [
      {
        file: "engine/open-epoch.ts",
        find: 'await hold.write({\n    type: "opened",',
        put: 'void (async (..._: unknown[]) => {})({\n    type: "opened",',
      },
    ],
  },
];

/** The text of a file of core as a mutation would have it; throws when it no longer fits. */
export function mutate(name, path, text) {
  const mutation = mutations.find((each) => each.name === name);
  if (!mutation) throw new Error(`there is no mutation ${name}`);
  let result = text;
  for (const { file, find, put } of mutation.changes) {
    if (path !== `${src}${file}`) continue;
    if (result.split(find).length !== 2) {
      throw new Error(
        `mutation ${name} does not fit ${file} any more: write it anew in scripts/prove/mutation-list.mjs`,
      );
    }
    result = result.replace(find, () => put);
  }
  return result;
}

/** Throws when a mutation no longer fits the engine. */
export function checkMutation({ name, changes }) {
  for (const { file } of changes) mutate(name, `${src}${file}`, readFileSync(`${src}${file}`, "utf8"));
}
