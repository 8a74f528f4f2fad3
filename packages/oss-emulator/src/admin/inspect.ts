import type { Bucket } from "../store/bucket.js";
import type { Disk } from "../store/disk.js";
import type { Session } from "../store/session.js";

export interface OpenPart {
  readonly partNumber: number;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly crc64: string;
  /** Milliseconds since 1970. */
  readonly lastModified: number;
}

/** A multipart upload that has neither been completed nor aborted. */
export interface OpenSession {
  readonly bucket: string;
  readonly uploadId: string;
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly initiated: number;
  readonly parts: readonly OpenPart[];
}

export function describeSession(bucket: Bucket, session: Session): OpenSession {
  const parts = session.parts().map(({ number, size, etag, crc64, modified }) => ({
    partNumber: number,
    size,
    etag,
    crc64,
    lastModified: modified,
  }));
  const { uploadId, key, initiated } = session.record;
  return { bucket: bucket.name, uploadId, key, initiated, parts };
}

/** All open sessions, or those of one bucket. */
export function openSessions(disk: Disk, bucketName?: string): OpenSession[] {
  const buckets = [...disk.buckets.values()].filter(
    ({ name }) => bucketName === undefined || name === bucketName,
  );
  return buckets.flatMap((bucket) =>
    [...bucket.sessions.values()]
      .filter(({ closed }) => !closed)
      .map((session) => describeSession(bucket, session)),
  );
}

/** Drops a session as an abort by somebody else, or a lifecycle rule, would. Gives whether there was one. */
export async function dropSession(disk: Disk, uploadId: string): Promise<boolean> {
  for (const bucket of disk.buckets.values()) {
    const session = bucket.sessions.get(uploadId);
    if (!session) continue;
    await bucket.dropSession(session);
    return true;
  }
  return false;
}
