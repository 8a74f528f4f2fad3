import { createHash, randomBytes } from "node:crypto";
import { renameSync, writeFileSync } from "node:fs";
import { link, mkdir, rename, rm, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BlobShelf } from "./blobs.js";
import { ingest, type Staged } from "./ingest.js";
import { appendToPack } from "./pack.js";
import { type ObjectRecord, type PartRecord, partFileName, type SessionRecord } from "./records.js";
import { readSegments, segmentsOf } from "./segments.js";
import { Session } from "./session.js";

/** What a commit of an object needs beside the place of its bytes. */
export type NewObject = Omit<ObjectRecord, "blob" | "segments">;

/**
 * One bucket. On disk: `objects/` (one record per key), `blobs/` (one folder of data files per object or
 * session; `session.json` inside marks an open session) and `tmp/`. A record appears by rename after its
 * bytes did, so a process that is killed at any moment loses nothing it has acknowledged. Nothing is
 * synced: a power cut is not survived.
 */
export class Bucket {
  readonly objects = new Map<string, ObjectRecord>();
  readonly sessions = new Map<string, Session>();
  readonly blobs: BlobShelf;
  acl = "private";
  readonly #tails = new Map<string, Promise<unknown>>();

  constructor(
    readonly name: string,
    readonly folder: string,
    readonly created: number,
  ) {
    this.blobs = new BlobShelf(join(folder, "blobs"));
  }

  async stage(body: AsyncIterable<Buffer>): Promise<Staged> {
    const path = this.#temporary();
    try {
      return await ingest(body, path);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  async discard(staged: Staged): Promise<void> {
    await rm(staged.path, { force: true });
  }

  /** Makes staged bytes an object. `check` runs alone for this key and may refuse by throwing. */
  async putObject(staged: Staged, object: NewObject, check: () => void): Promise<void> {
    await this.#alone(object.key, async () => {
      check();
      const blob = await this.blobs.create();
      await this.#place(staged, this.blobs.path(blob, "data"));
      await this.#commit({ ...object, blob, segments: [{ file: "data", offset: 0, size: staged.size }] });
    });
  }

  /** Makes an object from the bytes of another one without moving them. */
  async linkObject(source: ObjectRecord, from: Bucket, object: NewObject, check: () => void): Promise<void> {
    const release = from.blobs.hold(source.blob);
    try {
      await this.#alone(object.key, async () => {
        check();
        const blob = await this.blobs.create();
        for (const file of new Set(source.segments.map((segment) => segment.file))) {
          await link(from.blobs.path(source.blob, file), this.blobs.path(blob, file));
        }
        await this.#commit({ ...object, blob, segments: source.segments });
      });
    } finally {
      release();
    }
  }

  async openSession(record: SessionRecord): Promise<Session> {
    await mkdir(this.blobs.path(record.uploadId));
    await this.#writeRecord(record, this.blobs.path(record.uploadId, "session.json"));
    const session = new Session(record);
    this.sessions.set(record.uploadId, session);
    return session;
  }

  /** Adds a staged part, or gives `undefined` when the session has gone meanwhile. */
  async putPart(
    session: Session,
    staged: Staged,
    number: number,
    now: number,
  ): Promise<PartRecord | undefined> {
    const facts = {
      number,
      size: staged.size,
      etag: staged.md5.toString("hex").toUpperCase(),
      crc64: staged.crc64.toString(),
      modified: now,
      arrival: session.nextArrival(),
    };
    if (session.closed) {
      await this.discard(staged);
      return undefined;
    }
    // All synchronous, so that the session cannot be closed in the middle.
    const part = staged.bytes
      ? appendToPack(this.blobs.path(session.uploadId), staged.bytes, facts)
      : { ...facts, file: partFileName(facts), offset: 0 };
    if (!staged.bytes) renameSync(staged.path, this.blobs.path(session.uploadId, part.file));
    const stale = session.put(part);
    if (stale) await this.#removePart(session, stale);
    return part;
  }

  /** Turns the listed parts into the object. The session must have been closed by the caller. */
  async completeSession(
    session: Session,
    parts: readonly PartRecord[],
    object: NewObject,
    check: () => void,
  ): Promise<void> {
    await this.#alone(object.key, async () => {
      check();
      await this.#commit({ ...object, blob: session.uploadId, segments: segmentsOf(parts) });
    });
    this.sessions.delete(session.uploadId);
    await unlink(this.blobs.path(session.uploadId, "session.json"));
    const listed = new Set(parts);
    for (const part of session.parts()) {
      if (!listed.has(part)) await this.#removePart(session, part);
    }
  }

  async dropSession(session: Session): Promise<void> {
    session.closed = true;
    this.sessions.delete(session.uploadId);
    await rm(this.blobs.path(session.uploadId, "session.json"), { force: true });
    this.blobs.remove(session.uploadId);
    await this.blobs.settled();
  }

  /** Replaces what is said about an object; its bytes stay. */
  async updateObject(object: ObjectRecord): Promise<void> {
    await this.#alone(object.key, async () => {
      await this.#writeRecord(object, this.#recordPath(object.key));
      this.objects.set(object.key, object);
    });
  }

  async deleteObject(key: string): Promise<void> {
    await this.#alone(key, async () => {
      const object = this.objects.get(key);
      if (!object) return;
      await rm(this.#recordPath(key), { force: true });
      this.objects.delete(key);
      this.blobs.remove(object.blob);
    });
  }

  /** The bytes [start, end) of an object, even if it is replaced or deleted meanwhile. */
  async *readObject(object: ObjectRecord, start: number, end: number): AsyncGenerator<Buffer> {
    const release = this.blobs.hold(object.blob);
    try {
      yield* readSegments(this.blobs.path(object.blob), object.segments, start, end);
    } finally {
      release();
    }
  }

  readParts(session: Session, parts: readonly PartRecord[]): AsyncGenerator<Buffer> {
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    return readSegments(this.blobs.path(session.uploadId), segmentsOf(parts), 0, size);
  }

  /** The object's bytes as one file; several segments are joined once and replaced by the result. */
  async objectFile(key: string): Promise<{ object: ObjectRecord; path: string } | undefined> {
    return this.#alone(key, async () => {
      const object = this.objects.get(key);
      if (!object) return undefined;
      const only = object.segments.length === 1 ? object.segments[0]! : undefined;
      const path = only && this.blobs.path(object.blob, only.file);
      if (path && (await stat(path)).size === object.size) return { object, path };
      const staged = await this.stage(this.readObject(object, 0, object.size));
      const blob = await this.blobs.create();
      await this.#place(staged, this.blobs.path(blob, "data"));
      const joined = { ...object, blob, segments: [{ file: "data", offset: 0, size: object.size }] };
      await this.#commit(joined);
      return { object: joined, path: this.blobs.path(blob, "data") };
    });
  }

  async #place(staged: Staged, path: string): Promise<void> {
    if (staged.bytes) writeFileSync(path, staged.bytes);
    else await rename(staged.path, path);
  }

  /** Frees a part's file; in the pack the space stays until the object or session goes. */
  async #removePart(session: Session, part: PartRecord): Promise<void> {
    if (part.file === partFileName(part))
      await rm(this.blobs.path(session.uploadId, part.file), { force: true });
  }

  async #commit(object: ObjectRecord): Promise<void> {
    await this.#writeRecord(object, this.#recordPath(object.key));
    const replaced = this.objects.get(object.key);
    this.objects.set(object.key, object);
    if (replaced && replaced.blob !== object.blob) this.blobs.remove(replaced.blob);
  }

  async #writeRecord(record: object, path: string): Promise<void> {
    const temporary = this.#temporary();
    await writeFile(temporary, JSON.stringify(record));
    await rename(temporary, path);
  }

  #recordPath(key: string): string {
    return join(this.folder, "objects", `${createHash("sha256").update(key).digest("hex")}.json`);
  }

  #temporary(): string {
    return join(this.folder, "tmp", randomBytes(12).toString("hex"));
  }

  /** Runs `work` when all earlier work on the same key is done. */
  async #alone<T>(key: string, work: () => Promise<T>): Promise<T> {
    const earlier = this.#tails.get(key) ?? Promise.resolve();
    const run = earlier.then(work, work);
    const tail = run.catch(() => {});
    this.#tails.set(key, tail);
    try {
      return await run;
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}
