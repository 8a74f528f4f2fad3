import { type ChildProcess, spawn } from "node:child_process";

/** A real run of the command line in a process of its own. */
export interface CliRun {
  readonly child: ChildProcess;
  /** What was written so far. */
  stdout(): string;
  stderr(): string;
  /** The `--json` lines so far. */
  events(): { readonly type: string; readonly [name: string]: unknown }[];
  /** Resolves when stderr matches; rejects when the program ends first. */
  says(pattern: RegExp): Promise<void>;
  /** Sends SIGKILL and waits for the end. */
  kill(): Promise<void>;
  /** Exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

export function startCli(
  cliPath: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): CliRun {
  // Nothing of the tester's own settings may reach the program.
  const child = spawn(process.execPath, [cliPath, ...args], {
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  const hearers = new Set<() => void>();
  const hear = () => {
    for (const each of hearers) each();
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
    hear();
  });
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal ?? "SIGKILL"));
  });
  return {
    child,
    ended,
    stdout: () => out,
    stderr: () => err,
    events: () =>
      out
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line)),
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(err)) return;
          hearers.delete(look);
          resolve();
        };
        hearers.add(look);
        look();
        ended.then(
          (code) => reject(new Error(`ended with ${code} without saying ${pattern}: ${err}`)),
          reject,
        );
      }),
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
