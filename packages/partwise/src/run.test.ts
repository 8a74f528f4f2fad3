import type { TransferSummary } from "@partwise/core";
import { errorTable, TransferError, type TransferErrorCode } from "@partwise/core/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FakeHostOptions, fakeHost, finished } from "../test/helpers/fake-host.js";
import { run } from "./run.js";

async function running(argv: readonly string[], options: FakeHostOptions = {}) {
  const host = fakeHost(options);
  const code = await run(argv, host);
  expect(host.open()).toBe(0);
  return { host, code, out: host.out(), err: host.err() };
}

const upload = ["upload", "some/big.iso", "oss://b/dir/"];

describe("upload", () => {
  it("leaves defaults to core", async () => {
    const { host, code, out } = await running(upload);
    expect(code).toBe(0);
    expect(out).toMatch(/^oss:\/\/b\/k {2}104\.9 MB /);
    expect(host.requests[0]).toEqual({
      source: expect.objectContaining({ path: "some/big.iso" }),
      key: "dir/big.iso",
      object: {},
      verify: "checksum",
      signal: expect.any(AbortSignal),
      onEvent: expect.any(Function),
    });
    expect(host.made[0]).not.toHaveProperty("concurrency");
    expect(host.remotes).toEqual([{ bucket: "b", region: "cn-hangzhou", signature: "v4" }]);
    expect(host.stores).toEqual([undefined]);
  });

  it("hands every option on", async () => {
    const { host, code } = await running([
      ..."upload f oss://b/k --endpoint http://127.0.0.1:9 --region r --path-style --concurrency 7".split(
        " ",
      ),
      ..."--part-size 8MiB --threshold 512k --store /st --verify fingerprint --acl private".split(" "),
      ...["--header", "x-a: 1", "--header", "x-b: 2", "--meta", "m=n", "--storage-class", "IA"],
      ..."--content-type text/plain --forbid-overwrite --signature v1 --restart --wait --give-up-after 1h".split(
        " ",
      ),
    ]);
    expect(code).toBe(0);
    expect(host.requests[0]).toMatchObject({
      key: "k",
      partSize: 8 * 1024 ** 2,
      threshold: 512 * 1024,
      verify: "fingerprint",
      restart: true,
      wait: true,
      giveUpAfter: 3_600_000,
      object: {
        headers: { "x-a": "1", "x-b": "2" },
        metadata: { m: "n" },
        acl: "private",
        storageClass: "IA",
        contentType: "text/plain",
        ifAbsent: true,
      },
    });
    expect(host.made[0]).toMatchObject({ concurrency: 7 });
    expect(host.remotes).toEqual([
      { bucket: "b", region: "r", endpoint: "http://127.0.0.1:9", pathStyle: true, signature: "v1" },
    ]);
    expect(host.stores).toEqual(["/st"]);
  });

  it("takes remote and store from the environment", async () => {
    const env = { OSS_REGION: "r", OSS_ENDPOINT: "e", PARTWISE_STORE: "/s" };
    const { host } = await running(upload, { env });
    expect(host.remotes).toEqual([{ bucket: "b", region: "r", endpoint: "e", signature: "v4" }]);
    expect(host.stores).toEqual(["/s"]);
  });
});

describe("wrong usage ends with 2 and one line", () => {
  it.each([
    [[]],
    [["sideload"]],
    [["upload"]],
    [["upload", "f"]],
    [["upload", "f", "oss://b/k", "extra"]],
    [["upload", "f", "b/k"]],
    [["upload", "f", "http://b/k"]],
    [["upload", "f", "oss://b"]],
    [[...upload, "--bogus"]],
    [[...upload, "--part-size", "big"]],
    [[...upload, "--part-size"]],
    [[...upload, "--concurrency", "lots"]],
    [[...upload, "--verify", "hope"]],
    [[...upload, "--signature", "v2"]],
    [[...upload, "--header", "nonsense"]],
    [[...upload, "--meta", "nonsense"]],
    [[...upload, "--give-up-after", "15"]],
    [[...upload, "--store", ""]],
    [["discard"]],
    [["discard", "http://b/k"]],
    [["list", "extra"]],
  ])("%j", async (argv) => {
    const { code, err, out } = await running(argv);
    expect(code).toBe(2);
    expect(err).toMatch(/^partwise: [^\n]+\n$/);
    expect(out).toBe("");
  });

  it("asks for a region or an endpoint", async () => {
    const { code, err } = await running(upload, { env: {} });
    expect(code).toBe(2);
    expect(err).toMatch(/Give --region .* or --endpoint/);
  });
});

it("prints help and version on stdout and ends with 0", async () => {
  const help = await running(["--help"]);
  expect(help.code).toBe(0);
  for (const part of [
    "upload",
    "list",
    "discard",
    "Examples:",
    "OSS_ACCESS_KEY_ID",
    "PARTWISE_STORE",
    "Exit status:",
  ]) {
    expect(help.out).toContain(part);
  }
  expect((await running(["upload", "--help"])).out).toContain("--give-up-after");
  expect(await running(["--version"])).toMatchObject({ code: 0, out: "1.2.3\n", err: "" });
});

describe("exit statuses", () => {
  const wanted: Record<TransferErrorCode, number> = {
    "invalid-options": 2,
    "source-changed": 3,
    "source-unreadable": 3,
    "too-large": 3,
    "already-exists": 4,
    "lease-held": 6,
    "lease-lost": 6,
    "checkpoint-unreadable": 1,
    "checkpoint-too-new": 1,
    "store-unavailable": 1,
    denied: 4,
    "not-found": 4,
    rejected: 4,
    "session-gone": 4,
    "part-refused": 4,
    "object-changed": 4,
    "object-mismatch": 1,
    unsupported: 4,
    "rate-limited": 5,
    unavailable: 5,
    "timed-out": 5,
    stalled: 5,
    "part-corrupt": 5,
    "credentials-expired": 5,
    "clock-skewed": 5,
  };

  it.each(Object.keys(errorTable) as TransferErrorCode[])("%s", async (code) => {
    const failing = async () => {
      throw new TransferError(code, "It failed.\n  Do this.", { requestId: "R1" });
    };
    const plain = await running(upload, { upload: failing });
    expect(plain).toMatchObject({ code: wanted[code], out: "", err: "partwise: It failed. Do this.\n" });
    const json = await running([...upload, "--json"], { upload: failing });
    expect(JSON.parse(json.out)).toMatchObject({
      type: "error",
      code,
      message: "It failed. Do this.",
      exitCode: wanted[code],
      requestId: "R1",
    });
  });

  it("is 1 for anything unexpected, without a stack trace", async () => {
    const failing = async () => {
      throw new TypeError("x is not a function");
    };
    expect(await running(upload, { upload: failing })).toMatchObject({
      code: 1,
      err: "partwise: x is not a function\n",
    });
    const env = { OSS_REGION: "r", PARTWISE_DEBUG: "1" };
    expect((await running(upload, { upload: failing, env })).err).toMatch(/\n {4}at /);
  });

  it("gives usage errors as JSON too", async () => {
    const { out, code } = await running(["upload", "f", "nowhere", "--json"]);
    expect(JSON.parse(out)).toMatchObject({ type: "error", code: "invalid-options", exitCode: code });
  });

  it("blots secrets out of whatever is said", async () => {
    const secret = "Zm9vYmFyc2VjcmV0";
    const env = {
      OSS_REGION: "r",
      OSS_ACCESS_KEY_SECRET: secret,
      OSS_SESSION_TOKEN: `${secret}/t`,
      PARTWISE_DEBUG: "1",
    };
    const failing = async () => {
      throw new TransferError("denied", `No: ${secret}`, {
        cause: new Error(`${secret}/t`),
        details: { providerMessage: secret },
      });
    };
    const { out, err } = await running([...upload, "--json"], { upload: failing, env });
    expect(out + err).toContain("No: ***");
    expect(out + err).not.toContain(secret);
  });
});

describe("pausing", () => {
  const stuck: NonNullable<FakeHostOptions["upload"]> = (request, host) =>
    new Promise((_, reject) => {
      const common = { id: "t", key: "k", at: 0 };
      request.onEvent?.({
        ...common,
        type: "transfer.planned",
        plan: { size: 100, partSize: 10, parts: 10 },
        epoch: 1,
      });
      const still = { inFlight: 0, sent: 0, resumed: 0, wasted: 0, bytesPerSecond: 0, eta: undefined };
      const progress = { total: 100, acknowledged: 30, unproven: 12, ...still };
      request.onEvent?.({ ...common, type: "transfer.progressed", progress });
      request.signal?.addEventListener("abort", () => reject(request.signal?.reason));
      setImmediate(() => host.send("SIGINT"));
    });

  it.each([["SIGINT"], ["SIGTERM"], ["SIGHUP"]] as const)(
    "at %s, with 5 and how to go on",
    async (signal) => {
      const { code, err, host } = await running(upload, {
        upload: (request, host) => stuck(request, { ...host, send: () => host.send(signal) }),
      });
      expect(code).toBe(5);
      expect(err).toMatch(/partwise: paused at 42 %, 42 B of 100 B; run the same command again to go on\n$/);
      expect(host.exits).toEqual([]);
    },
  );

  it("leaves at once at the second signal", async () => {
    const { host } = await running(upload, {
      upload: async (_request, host) => {
        host.send("SIGINT");
        expect(host.exits).toEqual([]);
        host.send("SIGTERM");
        expect(host.exits).toEqual([5]);
        return finished;
      },
    });
    expect(host.exits).toEqual([5]);
  });

  it("is told as JSON", async () => {
    const { out } = await running([...upload, "--json"], { upload: stuck });
    expect(JSON.parse(out.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
      type: "error",
      code: "interrupted",
      exitCode: 5,
      retryable: true,
    });
  });

  it("does not undo an upload that finished all the same", async () => {
    const { code, out } = await running(upload, {
      upload: async (_request, host) => {
        host.send("SIGINT");
        return finished;
      },
    });
    expect(code).toBe(0);
    expect(out).toContain("etag");
  });
});

const summary = (more: Partial<TransferSummary>): TransferSummary => ({
  id: "abcdefghijklmnop",
  state: "sending",
  key: "k",
  target: "oss://b/k",
  source: "/f",
  size: 1000,
  storedBytes: 420,
  parts: 10,
  storedParts: 4,
  updatedAt: 1_700_000_000_000 - 90_000,
  holders: [],
  ...more,
});

describe("list", () => {
  const known = [
    summary({ id: "old0000000000", updatedAt: 0, state: "unreadable", target: undefined, size: undefined }),
    summary({ holders: ["4711@host"] }),
  ];

  it("shows a table, the latest first", async () => {
    const lines = (await running(["list"], { known })).out.split("\n");
    expect(lines[0]).toMatch(/^ID +TARGET +STATE +DONE +SIZE +CHANGED +HELD BY$/);
    expect(lines[1]).toMatch(/^abcdefghij +oss:\/\/b\/k +sending +42 % +1\.0 kB +1 min 30 s ago +4711@host$/);
    expect(lines[2]).toMatch(/^old0000000 +\? +unreadable +19675 d/);
  });

  it("writes one object per line as JSON", async () => {
    const lines = (await running(["list", "--json"], { known })).out.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(["abcdefghijklmnop", "old0000000000"]);
  });

  it("says so when there is nothing, on stderr", async () => {
    expect(await running(["list"])).toMatchObject({
      code: 0,
      out: "",
      err: "no transfers in store:/somewhere\n",
    });
    expect(await running(["list", "--json"])).toMatchObject({ code: 0, out: "", err: "" });
  });
});

describe("discard", () => {
  const known = [
    summary({ id: "aaa1", target: "oss://one/x/y", key: "x/y" }),
    summary({ id: "aaa2" }),
    summary({ id: "aaa" }),
    summary({ id: "bad1", target: undefined, state: "unreadable" }),
  ];

  it("takes a target, an id, or a prefix that fits one", async () => {
    const byTarget = await running(["discard", "oss://b/some/key"], { known });
    expect(byTarget).toMatchObject({
      code: 0,
      out: "discarded oss://b/some/key  1 unfinished upload aborted\n",
    });
    expect(byTarget.host.discarded).toEqual([{ key: "some/key" }]);
    const byPrefix = await running(["discard", "aaa1", "--json"], { known });
    expect(byPrefix.host.remotes).toMatchObject([{ bucket: "one" }]);
    expect(JSON.parse(byPrefix.out)).toEqual({
      type: "transfer.discarded",
      key: "x/y",
      location: "oss://one/x/y",
      id: "aaa1",
      aborted: 1,
    });
    expect((await running(["discard", "aaa"], { known })).host.discarded).toEqual([{ id: "aaa" }]);
  });

  it.each([
    ["aa", 2, /3 transfers have an id that begins with "aa"/],
    ["zzz", 4, /No transfer .* begins with "zzz"/],
    ["", 4, /No transfer/],
    ["bad", 1, /cannot be read/],
  ])("refuses %j", async (which, status, message) => {
    const { code, err, host } = await running(["discard", which], { known });
    expect(code).toBe(status);
    expect(err).toMatch(message);
    expect(host.discarded).toEqual([]);
  });
});

it("survives any command line", async () => {
  const words = fc.oneof(
    fc.constantFrom(
      "upload",
      "list",
      "discard",
      "f",
      "oss://b/k",
      "--json",
      "--store",
      "--meta",
      "--",
      "-",
      "--quiet",
    ),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(words, { maxLength: 6 }), async (argv) => {
      const { code, err } = await running(argv);
      expect([0, 2, 4]).toContain(code);
      if (code !== 0) expect(err).toMatch(/^partwise: [^\n]+\n$/);
    }),
    { numRuns: 300 },
  );
});
