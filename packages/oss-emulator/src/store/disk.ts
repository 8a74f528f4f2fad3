import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Bucket } from "./bucket.js";
import { readPack } from "./pack.js";
import { type ObjectRecord, readPartFileName, type SessionRecord } from "./records.js";
import { Session } from "./session.js";

/** All buckets of one folder. */
export class Disk {
  readonly buckets = new Map<string, Bucket>();

  private constructor(readonly folder: string) {}

  /** Opens a folder, taking over what an earlier process left there, killed or not. */
  static async open(folder: string): Promise<Disk> {
    await mkdir(folder, { recursive: true });
    const disk = new Disk(folder);
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (!entry.isDirectory() || !(await isFile(join(folder, entry.name, "bucket.json")))) continue;
      disk.buckets.set(entry.name, await openBucket(entry.name, join(folder, entry.name)));
    }
    return disk;
  }

  async createBucket(name: string, now: number): Promise<Bucket> {
    const existing = this.buckets.get(name);
    if (existing) return existing;
    const folder = join(this.folder, name);
    for (const part of ["objects", "blobs", "tmp"]) await mkdir(join(folder, part), { recursive: true });
    const mark = join(folder, "bucket.json");
    await writeFile(`${mark}.tmp`, JSON.stringify({ created: now }));
    await rename(`${mark}.tmp`, mark);
    const bucket = this.buckets.get(name) ?? new Bucket(name, folder, now);
    this.buckets.set(name, bucket);
    return bucket;
  }

  async removeBucket(bucket: Bucket): Promise<void> {
    this.buckets.delete(bucket.name);
    await rm(bucket.folder, { recursive: true, force: true });
  }

  async settled(): Promise<void> {
    for (const bucket of this.buckets.values()) await bucket.blobs.settled();
  }
}

async function openBucket(name: string, folder: string): Promise<Bucket> {
  const { created } = await readJson<{ created: number }>(join(folder, "bucket.json"));
  const bucket = new Bucket(name, folder, created);
  await rm(join(folder, "tmp"), { recursive: true, force: true });
  for (const part of ["objects", "blobs", "tmp"]) await mkdir(join(folder, part), { recursive: true });
  const owners = new Set<string>();
  for (const file of await readdir(join(folder, "objects"))) {
    const object = await readJson<ObjectRecord>(join(folder, "objects", file));
    bucket.objects.set(object.key, object);
    owners.add(object.blob);
  }
  for (const blob of await readdir(bucket.blobs.folder)) await openBlob(bucket, blob, owners.has(blob));
  return bucket;
}

/** A folder is an object's (then a Complete is finished), an open session, or an orphan of something cut short. */
async function openBlob(bucket: Bucket, blob: string, owned: boolean): Promise<void> {
  const mark = bucket.blobs.path(blob, "session.json");
  if (owned) return rm(mark, { force: true });
  if (!(await isFile(mark))) return rm(bucket.blobs.path(blob), { recursive: true, force: true });
  const session = new Session(await readJson<SessionRecord>(mark));
  for (const part of await readPack(bucket.blobs.path(blob))) session.put(part);
  for (const file of await readdir(bucket.blobs.path(blob))) {
    const part = readPartFileName(file);
    if (part) session.put(part);
  }
  bucket.sessions.set(session.uploadId, session);
}

async function readJson<T>(path: string): Promise<T> {
  const text = await readFile(path, "utf8");
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Error(`${path} is damaged; remove it, or use another folder.`);
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
