import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Enough to tell later whether a process still runs. */
export interface ProcessMark {
  readonly pid: number;
  readonly host: string;
  /** Clock ticks from boot to the process's start: tells it from a later one with its number. Linux only. */
  readonly start?: string;
  /** Differs after every boot. Linux only. */
  readonly boot?: string;
  /** Names the space its number belongs to: containers count their own. Linux only. */
  readonly space?: string;
}

/** Knows who we are and who still runs. */
export interface Processes {
  self(): ProcessMark;
  /** True only when the process is certainly gone; another machine's, or another container's, may always live. */
  isGone(mark: ProcessMark): boolean;
}

/** The processes of this machine. */
export const nodeProcesses: Processes = {
  self: () => (ourselves ??= markOurselves()),
  isGone(mark) {
    const self = nodeProcesses.self();
    if (mark.host !== self.host || !Number.isInteger(mark.pid) || mark.pid <= 0) return false;
    if (mark.boot !== self.boot) return mark.boot !== undefined && self.boot !== undefined;
    if (mark.space !== self.space) return false;
    try {
      process.kill(mark.pid, 0);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "ESRCH";
    }
    const now = statusOf(mark.pid);
    if (now === undefined) return false;
    return now.ended || (mark.start !== undefined && now.start !== mark.start);
  },
};

let ourselves: ProcessMark | undefined;

function markOurselves(): ProcessMark {
  const start = statusOf(process.pid)?.start;
  const boot = quietly(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const space = quietly(() => readlinkSync("/proc/self/ns/pid"));
  return {
    pid: process.pid,
    host: hostname(),
    ...(start !== undefined && { start }),
    ...(boot !== undefined && { boot }),
    ...(space !== undefined && { space }),
  };
}

function statusOf(pid: number): { readonly start: string; readonly ended: boolean } | undefined {
  return quietly(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the program's name in brackets and may hold anything; the third is the state, the 22nd the start.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, start] = [fields[0], fields[19]];
    return start === undefined ? undefined : { start, ended: state === "Z" || state === "X" };
  });
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
