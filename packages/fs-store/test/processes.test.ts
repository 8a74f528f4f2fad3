import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonValue } from "@partwise/core/contract";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fsStore } from "../src/index.js";
import type { Answer, Order } from "./child.js";

let bundle: string;
let directory: string;
const children: Child[] = [];

beforeAll(async () => {
  bundle = await mkdtemp(join(tmpdir(), "partwise-child-"));
  await build({
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["@partwise/source"] },
    ssr: { noExternal: true, resolve: { conditions: ["@partwise/source"] } },
    build: {
      ssr: join(import.meta.dirname, "child.ts"),
      outDir: bundle,
      rollupOptions: { output: { entryFileNames: "child.mjs" } },
    },
  });
});
afterAll(() => rm(bundle, { recursive: true, force: true }));

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "partwise-processes-"));
});
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()));
  await rm(directory, { recursive: true, force: true });
});

/** A child process with its own store on the same directory. */
class Child {
  readonly told: JsonValue[] = [];
  private readonly process: ChildProcess;
  private heard: (() => void)[] = [];
  private readonly answers: Answer[] = [];

  private constructor() {
    this.process = fork(join(bundle, "child.mjs"), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.process.on("message", (answer: Answer) => {
      if ("told" in answer) this.told.push(answer.told);
      else this.answers.push(answer);
      for (const wake of this.heard.splice(0)) wake();
    });
  }

  static async start(): Promise<Child> {
    const child = new Child();
    children.push(child);
    await child.order({ do: "open", directory, id: "shared" });
    return child;
  }

  /** Resolves with `ok` or the code of the error. */
  async order(order: Order): Promise<string> {
    this.process.send(order);
    await this.until(() => this.answers.length > 0);
    const answer = this.answers.shift() as Answer;
    return "code" in answer ? answer.code : "ok";
  }

  async until(done: () => boolean): Promise<void> {
    while (!done()) await new Promise<void>((resolve) => this.heard.push(resolve));
  }

  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGKILL");
    await gone;
  }

  continue(): void {
    this.process.kill("SIGCONT");
  }
}

const here = async () => fsStore({ directory }).open("shared");

describe("processes of one machine", () => {
  test("of four that take a name at once exactly one gets it, round after round", async () => {
    const crowd = await Promise.all([1, 2, 3, 4].map(() => Child.start()));
    for (let round = 0; round < 15; round++) {
      const results = await Promise.all(
        crowd.map((child) => child.order({ do: "lease", name: "transfer", ttl: 60_000 })),
      );
      expect(results.toSorted()).toEqual(["lease-held", "lease-held", "lease-held", "ok"]);
      expect(await (crowd[results.indexOf("ok")] as Child).order({ do: "release" })).toBe("ok");
    }
  });

  test("kill -9 frees the leases of the dead at once, and keeps every acknowledged receipt", async () => {
    const [one, two] = [await Child.start(), await Child.start()];
    await one.order({ do: "lease", name: "member/1", ttl: 3_600_000 });
    await two.order({ do: "lease", name: "member/2", ttl: 3_600_000 });
    const cut = one.order({ do: "receipts", from: 0, to: 100_000 });
    cut.catch(() => {});
    const whole = two.order({ do: "receipts", from: 100_000, to: 100_300 });
    await one.until(() => one.told.length >= 100);
    await one.kill();
    await using journal = await here();
    expect((await journal.leases("member/")).map(({ name }) => name)).not.toContain("member/1");
    const lease = await journal.lease("member/1", 60_000);
    await journal.append(["successor"], lease);
    expect(await whole).toBe("ok");
    const { entries } = await journal.read();
    expect(new Set(entries)).toEqual(new Set([...entries, ...one.told, ...two.told, "successor"]));
    expect(entries.length).toBe(new Set(entries).size);
  });

  test.skipIf(process.platform === "win32")(
    "a holder stopped between check and write comes too late",
    async () => {
      const stale = await Child.start();
      await stale.order({ do: "lease", name: "transfer", ttl: 1_000 });
      expect(await stale.order({ do: "append", entries: ["first"] })).toBe("ok");
      await stale.order({ do: "stop at next append" });
      const late = stale.order({ do: "append", entries: ["too late"] });
      await stale.until(() => stale.told.includes("stopping"));
      await using journal = await here();
      const lease = await taken(() => journal.lease("transfer", 60_000));
      const seen = await journal.read();
      expect(seen.entries).toEqual(["first"]);
      stale.continue();
      expect(await late).toBe("lease-lost");
      await journal.append(["successor"], lease);
      expect((await journal.read(seen.position)).entries).toEqual(["successor"]);
      expect((await (await here()).read()).entries).toEqual(["first", "successor"]);
    },
  );
});

/** Takes a lease as soon as its holder's time is up. */
async function taken<T>(take: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await take();
    } catch (error) {
      const { expiresIn } = (error as { details: { expiresIn?: number } }).details;
      if (expiresIn === undefined) throw error;
      await new Promise((resolve) => setTimeout(resolve, expiresIn));
    }
  }
}
