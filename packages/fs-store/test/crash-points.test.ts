import type { JsonValue, Lease } from "@partwise/core/contract";
import { describe, expect, test } from "vitest";
import { type FsJournal, type FsStore, type ModelFileSystem, modelFileSystem } from "../src/index.js";
import { Death, mortal, runSteps, type Step, storeOf } from "./crash.js";

/** The life of a journal, from nothing to nothing. */
function lifetime(): readonly Step[] {
  let journal: FsJournal;
  let lease: Lease;
  let member: Lease;
  const append = (...more: JsonValue[]): Step => ({
    name: `append ${more.join()}`,
    run: () => journal.append(more, lease),
    outcomes: (entries) => [entries, [...entries, ...more]],
  });
  return [
    {
      name: "take leases",
      async run(store: FsStore) {
        journal = await store.open("life");
        lease = await journal.lease("transfer", 60_000);
        member = await journal.lease("member/a", 60_000);
      },
    },
    append("planned", "opened"),
    {
      name: "gather receipts",
      run: () => Promise.all([1, 2].map((n) => journal.append([n], member, { ordered: false }))),
      outcomes: (entries) => [entries, [...entries, 1], [...entries, 1, 2]],
    },
    { name: "renew", run: () => lease.renew() },
    {
      name: "set aside",
      run: () => journal.setAside(lease),
      outcomes: (entries) => [entries, []],
    },
    append("again"),
    {
      name: "replace",
      run: () => journal.replace(["sealed", "tomb"], lease),
      outcomes: (entries) => [entries, ["sealed", "tomb"]],
    },
    {
      name: "change hands",
      async run() {
        await member.release();
        await lease.release();
        lease = await journal.lease("transfer", 60_000);
      },
    },
    append("last"),
    { name: "drop", run: () => journal.drop(lease), outcomes: (entries) => [entries, []] },
  ];
}

/** What every successor does: finds the leases free, reads, goes on. */
function recovery(allowed: readonly (readonly JsonValue[])[]): readonly Step[] {
  let journal: FsJournal;
  let lease: Lease;
  return [
    {
      name: "take and read",
      async run(store) {
        journal = await store.open("life");
        lease = await journal.lease("transfer", 60_000);
        await journal.lease("member/a", 60_000);
        expect(allowed).toContainEqual((await journal.read()).entries);
      },
    },
    {
      name: "append",
      run: () => journal.append(["after"], lease),
      outcomes: (entries) => [entries, [...entries, "after"]],
    },
  ];
}

/** Everything a death can leave: the same files, what was synced, or that and some of the rest. */
function remains(files: ModelFileSystem): readonly (readonly [string, ModelFileSystem])[] {
  return [
    ["killed", files],
    ["power lost", files.crash()],
    ...[1, 2, 3].map((seed) => [`power lost, seed ${seed}`, files.crash({ seed })] as const),
  ];
}

async function countEffects(): Promise<number> {
  const life = mortal(Number.POSITIVE_INFINITY, "before");
  await runSteps(storeOf(modelFileSystem({ hooks: life })), lifetime());
  return life.count;
}

/** Lives until the given effect; resolves with what is found, and what may be in it. */
async function dieAt(at: number, moment: "before" | "after") {
  const files = modelFileSystem();
  const life = mortal(at, moment);
  const allowed = await runSteps(storeOf(files.with(life)), lifetime());
  expect(life.dead, `dying ${moment} effect ${at} of ${life.count}`).toBe(true);
  return { files, allowed };
}

async function goOn(files: ModelFileSystem, allowed: readonly (readonly JsonValue[])[]): Promise<void> {
  const store = storeOf(files);
  const found = await (await store.open("life")).read();
  expect(allowed).toContainEqual(found.entries);
  await runSteps(store, recovery([found.entries]), [found.entries]);
  const later = storeOf(files);
  const journal = await later.open("life");
  expect((await journal.read()).entries).toEqual([...found.entries, "after"]);
  expect((await journal.read(found.position)).entries).toContain("after");
  await journal.drop(await journal.lease("transfer", 60_000));
  const left = [...files.files().keys()].filter((path) => path.includes("/li/life/"));
  expect(left).toEqual([]);
}

/** How many pairs of deaths an ordinary run spares; `PARTWISE_PROVE=1` runs all. */
const share = process.env.PARTWISE_PROVE === "1" ? 1 : 8;

describe("death at every effect of a journal's life", async () => {
  const effects = await countEffects();
  const points = Array.from({ length: effects }, (_, i) => [i + 1, "before"] as const).concat(
    Array.from({ length: effects }, (_, i) => [i + 1, "after"] as never),
  );

  test(`${effects} effects, each before and after, killed or without power`, async () => {
    expect(effects).toBeGreaterThan(50);
    for (const [at, moment] of points) {
      const { files, allowed } = await dieAt(at, moment);
      for (const [how, left] of remains(files)) {
        await goOn(left, allowed).catch((error) => {
          throw new Error(`died ${moment} effect ${at}, ${how}`, { cause: error });
        });
      }
    }
  });

  test(`and again at every effect of the recovery (${share === 1 ? "all" : `one in ${share}`})`, async () => {
    let deaths = 0;
    for (const [at, moment] of points.filter((_, i) => i % share === 0)) {
      const first = await dieAt(at, moment);
      for (const left of [first.files.crash(), first.files.crash({ seed: at })]) {
        for (let second = 1; ; second++) {
          const files = left.crash();
          const life = mortal(second, "after");
          const allowed = await runSteps(storeOf(files.with(life)), recovery(first.allowed), first.allowed);
          if (!life.dead) break;
          deaths++;
          const powerless = files.crash({ seed: second });
          await goOn(files, allowed);
          await goOn(powerless, allowed);
        }
      }
    }
    expect(deaths).toBeGreaterThan(3_000 / share);
  });
});

test("what was set aside survives power loss once its place is named", async () => {
  const files = modelFileSystem();
  const journal = await storeOf(files).open("life");
  const lease = await journal.lease("transfer", 60_000);
  await journal.append(["kept"], lease);
  const place = await journal.setAside(lease);
  expect(files.crash().files().get(place)?.toString()).toContain('["kept"]');
});

test("a death reaches the caller as it is", async () => {
  const store = storeOf(modelFileSystem({ hooks: mortal(1, "before") }));
  await expect((await store.open("x")).lease("transfer", 60_000)).rejects.toThrow(Death);
});
