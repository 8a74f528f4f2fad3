import type { BigIntStats } from "node:fs";
import { TransferError } from "../errors.js";

/** What the system said, in the user's words. */
export function unreadable(location: string, cause: unknown): TransferError<"source-unreadable"> {
  const code = (cause as NodeJS.ErrnoException).code;
  const why =
    (code !== undefined && sentences[code]) || (cause instanceof Error ? `${cause.message}.` : String(cause));
  return new TransferError("source-unreadable", `Cannot read ${location}: ${why}`, {
    cause,
    details: code === undefined ? {} : { systemCode: code },
  });
}

const sentences: Record<string, string> = {
  ENOENT: "there is no such file. Check the path.",
  ENOTDIR: "a part of the path is not a directory. Check the path.",
  ELOOP: "its symbolic links go round in a circle.",
  ENAMETOOLONG: "the path is too long.",
  EACCES: "permission denied. Give this user the right to read it.",
  EPERM: "the system does not permit it.",
  EISDIR: "it is a directory. Name a file.",
  EMFILE: "this process has too many files open. Raise its limit (ulimit -n).",
  ENFILE: "the system has too many files open.",
  EIO: "the disk reports an error.",
  ESTALE: "the network filesystem no longer knows it. Run the same again.",
  ENXIO: "nothing answers behind this special file.",
};

/** Refuses what has no size and no positions to read from. */
export function requireRegular(location: string, stats: BigIntStats): void {
  if (stats.isFile()) return;
  const what = stats.isDirectory()
    ? "it is a directory. Name a file"
    : stats.isFIFO()
      ? "it is a pipe, which can be read only once. Write it to a file first"
      : stats.isSocket()
        ? "it is a socket. Name a file"
        : stats.isBlockDevice() || stats.isCharacterDevice()
          ? "it is a device, whose size is not known. Copy what is needed to a file first"
          : "it is not a regular file";
  throw new TransferError("source-unreadable", `Cannot read ${location}: ${what}.`);
}
