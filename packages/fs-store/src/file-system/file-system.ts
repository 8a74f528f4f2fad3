/** What the store asks about a file or directory. */
export interface FileFacts {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  /** Tells a file from another one that came to the same path; compared only while the first is held open. */
  readonly inode: number;
}

/** A file held open. */
export interface OpenFile {
  /** Fills `into` from `position` on; resolves with the number of bytes, less than asked for only at the end. */
  read(into: Uint8Array, position: number): Promise<number>;
  /**
   * Appends in one step: no other writer's bytes, of this or another process, come in between. Resolves with the
   * number of bytes written, which is less than given only when the disk is full.
   */
  append(bytes: Uint8Array): Promise<number>;
  /** Resolves when all bytes of the file, whoever wrote them, survive power loss. */
  datasync(): Promise<void>;
  facts(): Promise<FileFacts>;
  close(): Promise<void>;
}

/**
 * The calls the store makes, so that tests can put a model in their place. Failures are errors with the `code` of
 * Node's (`ENOENT`, `EEXIST`, `ENOTEMPTY`, …).
 */
export interface FileSystem {
  /** Type number of the file system a path lies on (Linux: `f_type` of statfs), where that is known. Throws `ENOENT`. */
  typeOf(path: string): number | undefined;
  /** Whether `syncDirectory` does what it says; false on Windows. */
  readonly syncsDirectories: boolean;
  /** `read`: an existing file; `append`: an existing file, for reading too; `create`: as `append`, and it must not exist. Mode 0600. */
  open(path: string, mode: "read" | "append" | "create"): Promise<OpenFile>;
  facts(path: string): Promise<FileFacts>;
  /** Sets the time of modification, in milliseconds since 1970. */
  touch(path: string, time: number): Promise<void>;
  /** Also moves a directory onto an empty one; onto one that is not empty it fails, and nothing has changed. */
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** One level, mode 0700. */
  mkdir(path: string): Promise<void>;
  /** Fails unless the directory is empty. */
  rmdir(path: string): Promise<void>;
  readdir(path: string): Promise<readonly string[]>;
  /** Resolves when the names in this directory, made, renamed or removed before, survive power loss. */
  syncDirectory(path: string): Promise<void>;
}
