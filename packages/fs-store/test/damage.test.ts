import { isTransferError, type JsonValue } from "@partwise/core/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type ModelFileSystem, modelFileSystem } from "../src/index.js";
import { storeOf } from "./crash.js";

const written: readonly JsonValue[] = [..."abcdef"].map((letter) => ({ [letter]: letter.repeat(60) }));

async function journalFile(): Promise<{ readonly path: string; readonly content: Buffer }> {
  const files = modelFileSystem();
  const journal = await storeOf(files).open("hurt");
  const lease = await journal.lease("transfer", 60_000);
  const member = await journal.lease("member/a", 60_000);
  await journal.append(written.slice(0, 3), lease);
  await journal.append(written.slice(3, 5), member, { ordered: false });
  await journal.replace(written.slice(2, 5), lease);
  await journal.append(written.slice(5), member, { ordered: false });
  const found = [...files.files()].find(([path]) => path.includes("/journal-"));
  if (found === undefined) throw new Error("no journal file");
  return { path: found[0], content: found[1] };
}

const whole = await journalFile();

/** The same directory with other bytes in the journal's file. */
async function damaged(content: Uint8Array): Promise<ModelFileSystem> {
  const files = modelFileSystem();
  const journal = await storeOf(files).open("hurt");
  await journal.lease("transfer", 60_000);
  const path = [...files.files().keys()].find((each) => each.includes("/journal-")) as string;
  files.damage(path, content);
  return files;
}

type Hurt = (content: Buffer) => Buffer;

const place = fc.integer({ min: 0, max: 9_999 }).map((n) => n / 9_999);
const hurt: fc.Arbitrary<Hurt> = fc.oneof(
  fc.tuple(place, fc.integer({ min: 0, max: 7 })).map(
    ([at, bit]): Hurt =>
      (content) => {
        const copy = Buffer.from(content);
        const byte = Math.floor(at * (copy.length - 1));
        if (copy.length > 0) copy[byte] = (copy[byte] as number) ^ (1 << bit);
        return copy;
      },
  ),
  place.map(
    (at): Hurt =>
      (content) =>
        content.subarray(0, Math.floor(at * content.length)),
  ),
  place.map(
    (at): Hurt =>
      (content) =>
        content.subarray(Math.floor(at * content.length)),
  ),
  fc.tuple(place, fc.uint8Array({ maxLength: 200 })).map(
    ([at, junk]): Hurt =>
      (content) => {
        const cut = Math.floor(at * content.length);
        return Buffer.concat([content.subarray(0, cut), junk, content.subarray(cut)]);
      },
  ),
  fc.tuple(place, place).map(
    ([a, b]): Hurt =>
      (content) => {
        const copy = Buffer.from(content);
        return copy.fill(
          0,
          Math.floor(Math.min(a, b) * copy.length),
          Math.floor(Math.max(a, b) * copy.length),
        );
      },
  ),
);

/** Whatever the bytes: entries that were once appended, or the one typed error; and then life goes on. */
async function survives(content: Uint8Array): Promise<void> {
  const journal = await storeOf(await damaged(content)).open("hurt");
  let known: readonly JsonValue[] = [];
  try {
    known = (await journal.read()).entries;
    for (const entry of known) expect(written).toContainEqual(entry);
  } catch (error) {
    if (!isTransferError(error, "checkpoint-unreadable")) throw error;
  }
  const lease = await journal.lease("transfer", 60_000);
  await journal.leases("");
  if (
    await journal.read().then(
      () => false,
      () => true,
    )
  ) {
    expect(await journal.setAside(lease)).toContain("/aside/hurt-");
  }
  await journal.append(["new"], lease);
  expect((await journal.read()).entries).toEqual([...known, "new"]);
}

test("a journal file hurt anywhere never fails otherwise, invents nothing and can be used on", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(hurt, { minLength: 1, maxLength: 4 }), (hurts) =>
      survives(hurts.reduce((content, each) => each(content), whole.content)),
    ),
    { numRuns: 400 },
  );
});

test("arbitrary bytes in its place never fail otherwise", async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), survives), { numRuns: 200 });
});

test("cut at every byte, it holds exactly the records before the cut", async () => {
  const lines = whole.content.toString().split("\n");
  for (let cut = 0; cut <= whole.content.length; cut++) {
    const content = whole.content.subarray(0, cut);
    const page = await (await storeOf(await damaged(content)).open("hurt")).read();
    const last = content.toString().split("\n").length - 1;
    // The line cut through counts only when nothing but its line feed is missing.
    const kept = content.toString().split("\n").at(-1) === lines[last] ? last + 1 : last;
    expect(page.entries).toEqual(entriesOf(lines.slice(0, kept)));
    await survives(content);
  }
});

function entriesOf(lines: readonly string[]): readonly JsonValue[] {
  let entries: JsonValue[] = [];
  for (const line of lines) {
    const record = JSON.parse(line.slice(line.indexOf("{")) || "null") as Record<string, JsonValue[]> | null;
    if (record?.replace) entries = [...record.replace];
    if (record?.entries) entries.push(...record.entries);
  }
  return entries;
}

test("garbage in a lease's file changes nothing; a time no holder could have set frees it", async () => {
  const files = modelFileSystem();
  const journal = await storeOf(files).open("hurt");
  const lease = await journal.lease("transfer", 60_000);
  const path = [...files.files().keys()].find((each) => each.includes("/lease-")) as string;
  files.damage(path, Buffer.from("\0\xffgarbage"));
  expect(await journal.leases("")).toHaveLength(1);
  await lease.renew();
  await files.touch(path, Date.now() + 1e12);
  expect(await journal.leases("")).toEqual([]);
  const next = await journal.lease("transfer", 60_000);
  await expect(journal.append([1], lease)).rejects.toMatchObject({ code: "lease-lost" });
  await journal.append([2], next);
});
