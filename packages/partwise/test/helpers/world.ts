import { randomFillSync } from "node:crypto";
import { appendFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DEFAULT_CREDENTIALS,
  type LoggedRequest,
  type OssEmulator,
  type OssEmulatorOptions,
  startOssEmulator,
} from "@partwise/oss-emulator";
import { type BuiltCli, buildCli } from "./build.js";
import { type CliRun, startCli } from "./cli.js";

/** Part size of these tests: small, so that a few MiB make many parts. */
export const KiB = 1024;

/** An emulator, a folder, and the built command line: one for all tests of a file. */
export class World implements AsyncDisposable {
  readonly emulator: OssEmulator;
  readonly folder: string;
  readonly #cli: BuiltCli;
  readonly #runs = new Set<CliRun>();
  #names = 0;

  private constructor(emulator: OssEmulator, cli: BuiltCli) {
    this.emulator = emulator;
    this.#cli = cli;
    this.folder = mkdtempSync(join(tmpdir(), "partwise-test-"));
  }

  static async create(options: OssEmulatorOptions = {}): Promise<World> {
    const [emulator, cli] = await Promise.all([startOssEmulator(options), buildCli()]);
    return new World(emulator, cli);
  }

  /** A path in the folder that nobody used before. */
  fresh(name: string): string {
    this.#names += 1;
    return join(this.folder, `${this.#names}-${name}`);
  }

  /** A file of random bytes. */
  file(size: number): string {
    const path = this.fresh("file.bin");
    writeFileSync(path, randomFillSync(Buffer.alloc(size)));
    return path;
  }

  /** A file of random bytes, written piece by piece. */
  largeFile(size: number): string {
    const path = this.fresh("large.bin");
    const piece = Buffer.alloc(64 * KiB * KiB);
    for (let at = 0; at < size; at += piece.length)
      appendFileSync(path, randomFillSync(piece).subarray(0, size - at));
    return path;
  }

  get env(): Record<string, string> {
    return {
      OSS_ENDPOINT: this.emulator.endpoint,
      OSS_REGION: this.emulator.region,
      OSS_ACCESS_KEY_ID: DEFAULT_CREDENTIALS.accessKeyId,
      OSS_ACCESS_KEY_SECRET: DEFAULT_CREDENTIALS.accessKeySecret,
      PARTWISE_STORE: join(this.folder, "store"),
      HOME: this.folder,
    };
  }

  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): CliRun {
    const run = startCli(this.#cli.path, args, { ...this.env, ...env });
    this.#runs.add(run);
    const forget = () => this.#runs.delete(run);
    run.ended.then(forget, forget);
    return run;
  }

  /** Runs to the end. */
  async run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const run = this.start(args, env);
    const code = await run.ended;
    return { code, stdout: run.stdout(), stderr: run.stderr(), events: () => run.events() };
  }

  /** Requests of one operation, oldest first. */
  requests(operation: string, key: string): LoggedRequest[] {
    return this.emulator.log.filter((each) => each.operation === operation && each.key === key);
  }

  /** Numbers of the parts that were acknowledged in the log from `start` on, in that order. */
  acknowledged(key: string, start = 0): number[] {
    return this.emulator.log
      .slice(start)
      .filter((each) => each.operation === "UploadPart" && each.key === key)
      .filter((each) => each.status === 200 && each.acknowledged)
      .map((each) => each.partNumber ?? 0);
  }

  async object(key: string): Promise<Buffer | undefined> {
    const found = await this.emulator.getObject("demo", key);
    return found && readFile(found.path);
  }

  /** Whether the object is exactly these bytes. */
  async holds(key: string, bytes: Buffer): Promise<boolean> {
    return (await this.object(key))?.equals(bytes) ?? false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#runs].map((run) => run.kill()));
    await this.emulator.close();
    await this.#cli.remove();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Waits for something that is going to be true soon; the test's own time limit ends a vain wait. */
export async function until(condition: () => boolean, every = 5): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, every));
}
