import { TransferError, type TransferSummary } from "@partwise/core";
import { expect, it } from "vitest";
import { type FakeHostOptions, fakeHost } from "../../test/helpers/fake-host.js";
import { run } from "../run.js";

const transfer = (more: Partial<TransferSummary>): TransferSummary => ({
  id: "abcdefghijklmnop",
  state: "sending",
  key: "k",
  target: "oss://b/k",
  source: "/f",
  size: 1_000_000,
  storedBytes: 0,
  parts: 10,
  storedParts: 0,
  updatedAt: 0,
  holders: ["4711@one"],
  ...more,
});

/** Watches a transfer that grows by a tenth every second, and leaves after `looks`. */
async function watching(looks: number, options: FakeHostOptions & { readonly argv?: string[] } = {}) {
  let look = 1;
  const host = fakeHost({
    known: [transfer({})],
    onSleep(self, ms) {
      expect(ms).toBe(1000);
      self.known = [transfer({ storedBytes: look * 100_000, storedParts: look, updatedAt: look })];
      look += 1;
      if (look > looks) self.send("SIGINT");
    },
    ...options,
  });
  const code = await run(["list", "--watch", ...(options.argv ?? [])], host);
  expect(host.open()).toBe(0);
  return { code, host, out: host.out(), err: host.err() };
}

it("draws the table at its place again every second, with rate and time left, and leaves with 0", async () => {
  const { code, out } = await watching(3, { tty: true, columns: 120 });
  expect(code).toBe(0);
  const frames = out.split("\u001B[2A");
  expect(frames).toHaveLength(3);
  expect(frames[0]).toMatch(/^ID +TARGET +STATE +DONE +SIZE +RATE +LEFT +HELD BY/);
  expect(frames[0]).toMatch(/abcdefghij +oss:\/\/b\/k +sending +0 % +1\.0 MB +4711@one/);
  expect(frames[2]).toMatch(/sending +20 % +1\.0 MB +100\.0 kB\/s +8 s +4711@one/);
});

it("keeps within the terminal, so that it can be drawn over", async () => {
  const known = Array.from({ length: 40 }, (_, index) =>
    transfer({ id: `id${index}`, target: "t".repeat(200) }),
  );
  const { out } = await watching(1, { tty: true, columns: 60, known });
  const lines = out.split("\n");
  expect(lines).toHaveLength(24);
  expect(lines[22]).toContain("and 19 more");
  for (const line of lines)
    expect(line.replace("\u001B[K", "").replace("\u001B[J", "").length).toBeLessThan(60);
});

it("writes a line for what changed when piped, and objects as JSON", async () => {
  const plain = await watching(3);
  expect(plain.out.trimEnd().split("\n")).toEqual([
    "abcdefghij  oss://b/k  sending  0 %  1.0 MB  4711@one",
    "abcdefghij  oss://b/k  sending  10 %  1.0 MB  100.0 kB/s  9 s  4711@one",
    "abcdefghij  oss://b/k  sending  20 %  1.0 MB  100.0 kB/s  8 s  4711@one",
  ]);
  const json = await watching(2, { argv: ["--json"] });
  expect(
    json.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { id: "abcdefghijklmnop", storedBytes: 0, bytesPerSecond: 0 },
    { id: "abcdefghijklmnop", storedBytes: 100_000, bytesPerSecond: 100_000 },
  ]);
  const still = await watching(3, {
    onSleep: (self) => void (self.now() > 1_700_000_002_000 && self.send("SIGINT")),
  });
  expect(still.out.split("\n")).toHaveLength(2);
});

it("outlives a store that is away, unless it was never there", async () => {
  const away = new TransferError("store-unavailable", "redis:x does not answer.");
  let seconds = 0;
  const broken: FakeHostOptions = {
    onSleep(self) {
      seconds += 1;
      self.known =
        seconds === 1
          ? ({
              [Symbol.iterator]() {
                throw away;
              },
            } as never)
          : [transfer({ storedBytes: 1 })];
      if (seconds === 3) self.send("SIGINT");
    },
  };
  const { code, err, out } = await watching(0, broken);
  expect({ code, err }).toEqual({ code: 0, err: "redis:x does not answer.\n" });
  expect(out.trimEnd().split("\n")).toHaveLength(2);
  const never = await watching(0, {
    known: {
      [Symbol.iterator]: () => {
        throw away;
      },
    } as never,
  });
  expect(never).toMatchObject({ code: 1, out: "", err: "partwise: redis:x does not answer.\n" });
});
