// Where and with what it was measured.
import { readFileSync } from "node:fs";
import os from "node:os";
import { run } from "./exec.mjs";

const first = (text) => text.trim().split("\n")[0];

export async function machine() {
  const ask = (command, ...args) =>
    run(command, args)
      .then(first)
      .catch(() => "none");
  let system = `${os.type()} ${os.release()}`;
  try {
    const name = /PRETTY_NAME="(.*)"/.exec(readFileSync("/etc/os-release", "utf8"));
    if (name) system = `${name[1]}, kernel ${os.release()}`;
  } catch {
    // Not Linux.
  }
  return {
    cpu: `${os.cpus()[0]?.model ?? "unknown"}, ${os.availableParallelism()} cores`,
    memory: `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    system,
    node: process.version,
    python: (await ask("python3", "--version")).replace("Python ", ""),
    go: (await ask("go", "version")).replace("go version ", ""),
    compiler: await ask("cc", "--version"),
    openssl: await ask("openssl", "version"),
  };
}

/** Runnable processes over the last minute: well above zero before we begin means that the machine is shared. */
export const load = () => Number(os.loadavg()[0].toFixed(2));
