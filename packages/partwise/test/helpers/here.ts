import { environmentCredentials, ossTransport } from "@partwise/oss-adapter";
import { nodeHost } from "../../src/node-host.js";
import { run } from "../../src/run.js";

const real = nodeHost();

/** Runs a command line for real, but inside this process: quick, for whatever needs no process of its own. */
export async function runHere(argv: readonly string[], env: Readonly<Record<string, string>>) {
  const written = { out: "", err: "" };
  const output = (name: "out" | "err") => ({
    isTTY: false,
    columns: undefined,
    rows: undefined,
    write(text: string) {
      written[name] += text;
    },
  });
  const code = await run(argv, {
    ...real,
    env,
    stdout: output("out"),
    stderr: output("err"),
    openTransport: (remote) => ossTransport({ ...remote, credentials: environmentCredentials(env) }),
  });
  const lines = () => written.out.split("\n").filter((line) => line !== "");
  return {
    code,
    stdout: written.out,
    stderr: written.err,
    events: () => lines().map((line) => JSON.parse(line) as { type: string; [name: string]: unknown }),
  };
}
