import { dirname } from "node:path";
import type { Durability, Reach } from "@partwise/core/contract";
import { failedWith } from "./errors.js";
import type { FileSystem } from "./file-system/file-system.js";

/** What the file system below a directory allows a store to promise. */
export interface Traits {
  readonly reach: Reach;
  readonly durability: Durability;
  /** Why this is less than `host` and `power-loss`. */
  readonly limited?: string;
}

/**
 * File systems on which an append by two machines, or even by two processes, may overwrite one another, and a sync may
 * promise more than it does. Numbers: Linux, statfs(2) and include/uapi/linux/magic.h.
 */
const remote: Readonly<Record<number, string>> = {
  26985: "NFS",
  20859: "SMB",
  4283649346: "CIFS",
  4266872130: "SMB 2",
  1702057286: "FUSE",
  16914839: "9P",
  12805120: "Ceph",
  1397113167: "AFS",
  1799439955: "AFS",
  1937076805: "Coda",
  22092: "NCP",
  18225520: "GFS2",
  1952539503: "OCFS2",
  198183888: "Lustre",
  1196443219: "GPFS",
  2020557398: "VirtualBox shared folder",
  3133910204: "VMware shared folder",
};

const volatile: Readonly<Record<number, string>> = { 16914836: "tmpfs", 2240043254: "ramfs" };

/** Asks the file system of the directory, or of the nearest one above it that exists. */
export function traitsOf(fs: FileSystem, directory: string): Traits {
  const type = typeBelow(fs, directory);
  const net = type === undefined ? undefined : remote[type];
  if (net !== undefined)
    return limited("process", `${directory} lies on ${net}, which keeps no order between processes.`);
  const memory = type === undefined ? undefined : volatile[type];
  if (memory !== undefined) return limited("host", `${directory} lies in memory (${memory}).`);
  if (!fs.syncsDirectories)
    return limited("host", "On this system names in a directory cannot be made durable.");
  return { reach: "host", durability: "power-loss" };
}

function limited(reach: Reach, why: string): Traits {
  return { reach, durability: "process-crash", limited: why };
}

function typeBelow(fs: FileSystem, directory: string): number | undefined {
  for (let path = directory; ; path = dirname(path)) {
    try {
      const type = fs.typeOf(path);
      return type === undefined ? undefined : type >>> 0;
    } catch (error) {
      if (!failedWith(error, "ENOENT") || dirname(path) === path) return undefined;
    }
  }
}
