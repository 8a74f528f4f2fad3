// What must be reached and what is aimed for, each computed from the measured medians.
import { cpuPerGiB, failures, peak, rate, summary } from "./stats.mjs";

const MB = 1e6;

/** Reads results: `of(section, id, figure)` is a median or `undefined`. */
function reader(results) {
  const find = (section, id) => results[section]?.cases?.find((one) => one.id === id);
  return {
    find,
    of: (section, id, figure) => summary(find(section, id), figure)?.median,
  };
}

const over = (a, b) => (a === undefined || b === undefined ? undefined : a / b);

/** Rows `{ against, what, must, aim, reached, atLeast, note }`; `reached` is `undefined` when not measured. */
export function targets(results) {
  const { of, find } = reader(results);
  const rows = [];
  const row = (against, what, must, aim, reached, { atLeast = true, unit = "×", note = "" } = {}) =>
    rows.push({ against, what, must, aim, reached, atLeast, unit, note });
  const compare = (section, ours, theirs, against, faster, cheaper) => {
    row(against, "throughput", ...faster, over(of(section, ours, rate), of(section, theirs, rate)));
    if (cheaper) {
      const reached = over(of(section, ours, cpuPerGiB), of(section, theirs, cpuPerGiB));
      row(against, "CPU per GiB", ...cheaper, reached, { atLeast: false });
    }
  };
  const c4 = "partwise:c4";
  compare("1g", c4, "curl:c1", "`curl -T`, ours with 4 connections", [0.7, 0.95], [1.9, 1.2]);
  compare("1g-tls", c4, "curl:c1", "the same over TLS", [0.8, 1]);
  compare("1g", c4, "ali-oss:c4", "ali-oss, 4 × 10 MiB", [1.5, 2], [0.7, 0.5]);
  compare("1g", "partwise:default", "ali-oss:default", "ali-oss, defaults against defaults", [2.5, 4]);
  compare("1g", "partwise:default", "lib-storage:default", "lib-storage, defaults against defaults", [6, 10]);
  compare("1g", "partwise:default", "oss2:default", "oss2, defaults against defaults", [6, 10]);
  compare("1g", c4, "oss-go-v2:c4", "Go SDK v2 with CRC, 4 × 10 MiB", [1.1, 1.5], [0.8, 0.5]);

  const far = of("wan", "partwise:default", rate);
  row("emulated WAN with resets", "share of the link", 0.85, 0.95, over(far, 100 * MB), { unit: "" });
  const dirty = of("wan", "ali-oss:default", rate);
  row(
    "emulated WAN with resets",
    "ali-oss, defaults",
    5,
    5,
    over(far, dirty ?? of("wan-clean", "ali-oss:default", rate)),
    {
      note: dirty || far === undefined ? "" : "ali-oss failed every run; its rate without resets is taken",
    },
  );
  const mine = find("wan", "partwise:default");
  row(
    "emulated WAN with resets",
    "failed transfers",
    0,
    0,
    mine?.runs.length ? failures(mine).length : undefined,
    {
      atLeast: false,
      unit: "",
    },
  );

  for (const [peer, must, aim] of [
    ["ali-oss", 2, 4],
    ["oss2", 4, 8],
  ]) {
    row(
      `2,000 × 64 KiB, 32 at once, ${peer}`,
      "objects/s",
      must,
      aim,
      over(of("small", "partwise", rate), of("small", peer, rate)),
    );
  }
  row("CRC64 in WASM, 256 KiB blocks", "GB/s", 5, 10, results.crc64?.gigabytesPerSecond, { unit: "" });
  const peaks = (results.memory?.cases ?? []).map((one) => summary(one, peak)?.median).filter(Boolean);
  row(
    "peak memory, 8 connections, largest case",
    "MiB",
    120,
    75,
    peaks.length ? Math.max(...peaks) : undefined,
    {
      atLeast: false,
      unit: "",
    },
  );
  const perReceipt = (run) => run.cpuSeconds / run.receipts;
  const whole = of("checkpoint", "fs:10000", perReceipt);
  const nothing = of("checkpoint", "none:10000", perReceipt);
  const receipt = whole === undefined || nothing === undefined ? undefined : Math.max(0, whole - nothing);
  const part = of("1g", c4, (run) => run.cpuSeconds / (run.bytes / (10 * 2 ** 20)));
  const share = over(receipt, part);
  row("checkpoint, CPU of a 10 MiB part", "%", 1, 0.1, share === undefined ? undefined : share * 100, {
    atLeast: false,
    unit: "",
  });
  return rows;
}

/** "aim", "must" or "missed". */
export function verdict({ must, aim, reached, atLeast }) {
  if (reached === undefined) return "not measured";
  const meets = (bar) => (atLeast ? reached >= bar : reached <= bar);
  return meets(aim) ? "aim reached" : meets(must) ? "must reached" : "**missed**";
}
