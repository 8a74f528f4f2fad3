import type { Progress, TransferEvent } from "@partwise/core";
import picocolors from "picocolors";
import { describe, expect, it } from "vitest";
import { fakeHost, finished } from "../../test/helpers/fake-host.js";
import { drawBar } from "./bar.js";
import { createReporter } from "./choose.js";
import { displayWidth } from "./format.js";
import { JsonReporter } from "./json.js";
import { PlainReporter } from "./plain.js";
import { resultLine } from "./result.js";
import { TtyReporter } from "./tty.js";
import { View } from "./view.js";

const subject = { name: "big.iso", location: "oss://b/big.iso" };
const MB = 1_000_000;

type Bare = TransferEvent extends infer E
  ? E extends TransferEvent
    ? Omit<E, "id" | "key" | "at">
    : never
  : never;
const event = (bare: Bare, at = 0) => ({ id: "t1", key: "k", at, ...bare }) as TransferEvent;

const planned = event({
  type: "transfer.planned",
  plan: { size: 100 * MB, partSize: 10 * MB, parts: 10 },
  epoch: 1,
});
const progress = (more: Partial<Progress>): Progress => ({
  total: 100 * MB,
  acknowledged: 0,
  unproven: 0,
  inFlight: 0,
  sent: more.acknowledged ?? 0,
  resumed: 0,
  wasted: 0,
  bytesPerSecond: 0,
  eta: undefined,
  ...more,
});
const stands = (more: Partial<Progress>) => event({ type: "transfer.progressed", progress: progress(more) });
const resumed = event({
  type: "session.resumed",
  epoch: 1,
  session: "s",
  parts: 4,
  bytes: 40 * MB,
  progress: progress({ unproven: 40 * MB }),
});
const retried = (number: number, at: number) =>
  event(
    {
      type: "part.retried",
      verb: "putPart",
      number,
      attempt: 1,
      delay: 400,
      code: "unavailable",
      message: "The remote is busy.",
    },
    at,
  );

function viewOf(...events: readonly TransferEvent[]): View {
  const view = new View();
  for (const each of events) view.hear(each);
  return view;
}

describe("the view", () => {
  it("goes from sending over proving to finishing", () => {
    const view = viewOf(planned, resumed);
    expect(view.phase).toBe("sending");
    view.hear(stands({ acknowledged: 10 * MB, unproven: 30 * MB }));
    expect([view.phase, view.there, view.proven]).toEqual(["sending", 40 * MB, 0.25]);
    view.hear(stands({ acknowledged: 80 * MB, unproven: 20 * MB }));
    expect([view.phase, view.proven]).toEqual(["proving", 0.5]);
    view.hear(event({ type: "transfer.sealing", parts: 10 }));
    view.hear(stands({ acknowledged: 100 * MB }));
    expect(view.phase).toBe("finishing");
  });
});

describe("the bar", () => {
  const look = { columns: 79, unicode: true, colors: picocolors.createColors(false) };

  it("tells share, rate, time left and what is there", () => {
    const line = drawBar(
      "big.iso",
      viewOf(planned, stands({ acknowledged: 42 * MB, bytesPerSecond: 12.3 * MB, eta: 5000 })),
      { ...look, columns: 100 },
    );
    expect(line).toMatch(/^big\.iso {2}█+░+ +42 % +12\.3 MB\/s {2}5 s left +42\.0 MB of 100\.0 MB$/);
  });

  it("shows what is not yet proven in another shade", () => {
    const line = drawBar(
      "f",
      viewOf(planned, resumed, stands({ acknowledged: 20 * MB, unproven: 30 * MB })),
      {
        ...look,
        unicode: false,
        columns: 100,
      },
    );
    expect(line).toMatch(/#{6}\+{9}\.{15} +50 % .*proving 25 %/);
  });

  it("names the last phases", () => {
    expect(
      drawBar("f", viewOf(planned, stands({ acknowledged: 60 * MB, unproven: 40 * MB })), look),
    ).toContain("100 %  proving 0 %");
    expect(drawBar("f", viewOf(planned, event({ type: "transfer.sealing", parts: 10 })), look)).toContain(
      "finishing…",
    );
  });

  it("fits every width and keeps the percent", () => {
    const view = viewOf(
      planned,
      resumed,
      stands({ acknowledged: 42 * MB, bytesPerSecond: 1e6, eta: 61_000 }),
    );
    for (let columns = 20; columns <= 160; columns += 1) {
      for (const name of [
        "f",
        "a-long-name-of-a-file-as-people-have-them.tar.gz",
        "日本語の長いファイル名です.bin",
      ]) {
        const line = drawBar(name, view, { ...look, columns });
        expect(displayWidth(line)).toBeLessThanOrEqual(columns);
        expect(line).toContain("42 %");
      }
    }
  });
});

describe("on a terminal", () => {
  const eraseLine = "\r\u001B[2K";

  it("redraws one line, puts notes above it and clears it at the end", () => {
    const host = fakeHost({ tty: true, env: { LANG: "C.UTF-8", NO_COLOR: "1" } });
    const reporter = createReporter(host, subject, {});
    expect(reporter).toBeInstanceOf(TtyReporter);
    for (const each of [planned, stands({ acknowledged: 42 * MB })]) reporter.event(each);
    host.pass(100);
    expect(host.err().split(eraseLine).at(-1)).toMatch(/^big\.iso {2}█+░+ +42 %[^\r\n]*$/);
    reporter.event(retried(7, 0));
    expect(host.err()).toMatch(/part 7 is tried again in 400 ms: The remote is busy\.\n\r/);
    reporter.done(finished);
    reporter.close();
    expect(host.err().endsWith(eraseLine)).toBe(true);
    expect(host.out()).toBe(`${resultLine(finished)}\n`);
    const before = host.err();
    host.pass(100);
    expect(host.err()).toBe(before);
  });

  it("uses colour unless NO_COLOR is set", () => {
    const draw = (env: Record<string, string>) => {
      const host = fakeHost({ tty: true, env });
      const reporter = createReporter(host, subject, {});
      for (const each of [planned, stands({ acknowledged: 50 * MB })]) reporter.event(each);
      host.pass(100);
      return host.err();
    };
    expect(draw({})).toContain("\u001B[32m");
    expect(draw({ NO_COLOR: "1" })).not.toContain("\u001B[32m");
  });

  it("writes names without what steers a terminal", () => {
    const host = fakeHost({ tty: true });
    createReporter(host, { ...subject, name: "a\u001B]0;x\u0007b" }, {});
    expect(host.err()).not.toContain("\u001B]");
  });
});

describe("in a pipe", () => {
  it("is chosen without a terminal, in CI and on a dumb one", () => {
    for (const host of [
      fakeHost(),
      fakeHost({ tty: true, env: { CI: "1" } }),
      fakeHost({ tty: true, env: { TERM: "dumb" } }),
    ]) {
      expect(createReporter(host, subject, {})).toBeInstanceOf(PlainReporter);
    }
  });

  it("writes a line every tenth of the way", () => {
    const host = fakeHost();
    const reporter = createReporter(host, subject, {});
    reporter.event(planned);
    for (let percent = 1; percent <= 100; percent += 1)
      reporter.event(stands({ acknowledged: percent * MB }));
    expect(host.err().match(/^\d+ %/gm)).toEqual([
      "10 %",
      "20 %",
      "30 %",
      "40 %",
      "50 %",
      "60 %",
      "70 %",
      "80 %",
      "90 %",
      "100 %",
    ]);
    expect(host.err().split("\n")[0]).toBe("big.iso to oss://b/big.iso: 100.0 MB in 10 parts");
    expect(host.err()).not.toContain("\u001B");
  });

  it("writes a line every ten seconds of a slow one", () => {
    const host = fakeHost();
    const reporter = createReporter(host, subject, {});
    reporter.event(planned);
    for (let second = 1; second <= 30; second += 1) {
      host.pass(1000);
      reporter.event(stands({ acknowledged: second * 1000, bytesPerSecond: 1000, eta: 99_000_000 }));
    }
    expect(host.err().match(/^0 % .*left$/gm)).toHaveLength(3);
  });

  it("tells retries once a second, counting the others", () => {
    const host = fakeHost();
    const reporter = createReporter(host, subject, {});
    for (const [number, at] of [
      [1, 0],
      [2, 10],
      [3, 999],
      [4, 1000],
    ] as const)
      reporter.event(retried(number, at));
    expect(host.err().match(/^part .*?:/gm)).toEqual([
      "part 1 is tried again in 400 ms:",
      "part 4 is tried again in 400 ms, and 2 more were:",
    ]);
  });

  it("says why it starts anew, what differs and what is there", () => {
    const host = fakeHost();
    const reporter = createReporter(host, subject, {});
    reporter.event(resumed);
    reporter.event(event({ type: "session.superseded", epoch: 2, session: "s", reason: "source-size" }));
    reporter.event(event({ type: "part.proven", number: 3, size: 1, same: false, progress: progress({}) }));
    expect(host.err()).toBe(
      [
        "going on: 4 parts (40.0 MB) are there already",
        "starting anew: the file has another size now",
        "part 3 differs from the file and is sent again",
        "",
      ].join("\n"),
    );
  });
});

describe("as JSON", () => {
  it("writes one event per line, the completed one last and with etag and crc64", () => {
    const host = fakeHost({ tty: true });
    const reporter = createReporter(host, subject, { json: true });
    expect(reporter).toBeInstanceOf(JsonReporter);
    reporter.event(planned);
    reporter.event(event({ type: "transfer.completed", ...finished }, 77));
    reporter.event(stands({ acknowledged: 100 * MB }));
    reporter.done(finished);
    const lines = host
      .out()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ type }) => type)).toEqual([
      "transfer.planned",
      "transfer.progressed",
      "transfer.completed",
    ]);
    expect(lines.at(-1)).toEqual({
      type: "transfer.completed",
      at: 77,
      etag: "ABC-11",
      crc64: "42",
      ...finished,
    });
    expect(host.err()).toBe("");
  });

  it("writes the last line only when quiet", () => {
    const host = fakeHost();
    const reporter = createReporter(host, subject, { json: true, quiet: true });
    reporter.event(planned);
    reporter.done(finished);
    expect(host.out().trimEnd().split("\n")).toHaveLength(1);
  });
});

describe("the result line", () => {
  it("tells a crew's member its own share", () => {
    const view = new View();
    view.hear(stands({ acknowledged: 50 * MB, sent: 20 * MB, resumed: 10 * MB }));
    const look = { columns: 100, unicode: false, colors: picocolors.createColors(false) };
    expect(drawBar("big.iso", view, look)).toMatch(/ 50 % {2} ?50\.0 MB of 100\.0 MB {2}20\.0 MB by us/);
    view.hear(stands({ acknowledged: 50 * MB, sent: 40 * MB, resumed: 10 * MB }));
    expect(drawBar("big.iso", view, look)).not.toContain("by us");
  });

  it("tells what was sent and what was there", () => {
    expect(resultLine(finished)).toBe(
      "oss://b/k  104.9 MB  crc64 42  etag ABC-11  sent 60.0 MB, 44.9 MB were already there",
    );
    expect(resultLine({ ...finished, resumedBytes: 0, sentBytes: finished.size })).toMatch(
      / {2}sent 104\.9 MB$/,
    );
    expect(resultLine({ ...finished, resumedBytes: 0 })).toMatch(/ {2}sent 60\.0 MB, others the rest$/);
    expect(resultLine({ ...finished, outcome: "found", sentBytes: 0 })).toMatch(
      / {2}was finished before, nothing sent$/,
    );
    expect(resultLine({ ...finished, overwritten: true })).toMatch(/replaced by another writer since$/);
  });
});
