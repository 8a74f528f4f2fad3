import { isTransferError, type Outcome, TransferError } from "@partwise/core/contract";

const advice: Readonly<Record<string, string>> = {
  EACCES: "may not be written to by this user. Change its permissions, or choose another directory",
  EPERM: "may not be written to by this user. Change its permissions, or choose another directory",
  EROFS: "is on a read-only file system. Choose another directory",
  ENOTDIR: "lies below something that is not a directory. Choose another directory",
  ENOSPC: "has no space left. Free some, or choose another directory",
  EDQUOT: "is over this user's quota. Free some space, or choose another directory",
  EMFILE:
    "cannot be opened: this process has too many files open. Raise its limit (ulimit -n) or run fewer transfers at once",
  ENFILE: "cannot be opened: this machine has too many files open",
  ENAMETOOLONG: "is too long a path. Choose a directory with a shorter one",
  EIO: "cannot be read or written: the disk reports a fault",
  ENOENT: "went away while in use. Do not clean up below the store's directory while transfers run",
};

/** Turns what a file system call threw into `store-unavailable`; anything else passes as it is. */
export function storeError(error: unknown, path: string, outcome: Outcome = "not-applied"): unknown {
  if (isTransferError(error)) return error;
  const code = codeOf(error);
  if (code === undefined) return error;
  const place = (error as { path?: string }).path ?? path;
  const text = advice[code] ?? "cannot be used";
  return new TransferError("store-unavailable", `${place} ${text} (${code}).`, {
    outcome,
    cause: error,
    details: { path: place, errorCode: code },
  });
}

/** The file system's own code, `ENOENT` and so on. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

/** Whether it failed with one of these codes. */
export function failedWith(error: unknown, ...codes: readonly string[]): boolean {
  const code = codeOf(error);
  return code !== undefined && codes.includes(code);
}

/** Waits for the result, or `undefined` when what is asked for does not exist. */
export async function ifExists<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (failedWith(error, "ENOENT")) return undefined;
    throw error;
  }
}

export function leaseLost(lease: string, id: string): TransferError<"lease-lost"> {
  return new TransferError(
    "lease-lost",
    `The lease "${lease}" of journal ${id} is no longer ours. Take it again and read the journal before going on.`,
    { details: { lease } },
  );
}

export function unreadable(id: string, path: string, why: string): TransferError<"checkpoint-unreadable"> {
  return new TransferError("checkpoint-unreadable", `${path} ${why}, so journal ${id} cannot be read.`, {
    details: { id, keptAt: path },
  });
}
