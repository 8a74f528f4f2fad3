// Children of the harness: each has a timeout, each is ended by its own pid, none outlives the harness.
import { spawn } from "node:child_process";

const alive = new Set();
process.once("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(130));

/** Starts a child whose output is kept; `child.ended` resolves with how it went and never rejects. */
export function start(command, args, { timeout = 600_000, env = {}, cwd } = {}) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  alive.add(child);
  const out = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (text) => {
      out[name] = (out[name] + text).slice(-1_000_000);
    });
  }
  child.ended = new Promise((resolve) => {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
    }, timeout);
    const settle = (code, signal, error) => {
      clearTimeout(timer);
      alive.delete(child);
      resolve({ ...out, code, signal, timedOut, error });
    };
    child.once("error", (error) => settle(null, null, error));
    child.once("close", (code, signal) => settle(code, signal));
  });
  return child;
}

/** Runs a command to its end; throws with the last lines of what it said when it fails. */
export async function run(command, args, options) {
  const end = await start(command, args, options).ended;
  if (end.code === 0) return end.stdout;
  const why = end.timedOut ? "timed out" : (end.error?.message ?? `exit ${end.code ?? end.signal}`);
  const said = `${end.stderr}\n${end.stdout}`.trim().split("\n").slice(-5).join(" | ").slice(0, 600);
  throw new Error(`${command}: ${why}${said ? `: ${said}` : ""}`);
}

/** Runs one driver and reads its line. A failure is a result too: `{ error }`. */
export async function drive(command, args, options) {
  return lineOf(await start(command, args, options).ended);
}

/** What a driver's end says. */
export function lineOf(end) {
  if (end.timedOut) return { error: "timed out" };
  if (end.error) return { error: end.error.message };
  try {
    return JSON.parse(end.stdout.trim().split("\n").at(-1));
  } catch {
    return { error: `exit ${end.code ?? end.signal}: ${end.stderr.trim().slice(-300)}` };
  }
}
