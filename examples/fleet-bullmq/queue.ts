// Fills the queue: node examples/fleet-bullmq/queue.ts <directory> [<prefix of the keys>]
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { Queue } from "bullmq";

/** One file to bring to the bucket. */
export interface FileJob {
  /** A path that every worker can read. */
  readonly path: string;
  readonly key: string;
}

const { QUEUE = "partwise-fleet", REDIS_URL = "redis://127.0.0.1:6379" } = process.env;

/** Puts every file below a directory into the queue, and resolves with how many. A file that is in it already stays once. */
export async function enqueue(redisUrl: string, directory: string, prefix: string): Promise<number> {
  const queue = new Queue<FileJob>(QUEUE, { connection: { url: redisUrl } });
  try {
    const found = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = found.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
    // A thousand at a time: one call each would take a round trip each, one for all a single huge command.
    for (let at = 0; at < files.length; at += 1000) {
      await queue.addBulk(files.slice(at, at + 1000).map((path) => jobOf(directory, path, prefix)));
    }
    return files.length;
  } finally {
    await queue.close();
  }
}

function jobOf(directory: string, path: string, prefix: string) {
  const key = prefix + relative(directory, path).split(sep).join("/");
  const jobId = createHash("sha256").update(key).digest("hex");
  const backoff = { type: "exponential", delay: 1000, jitter: 0.5 };
  return { name: "upload", data: { path, key }, opts: { jobId, attempts: 10, backoff } };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [directory, prefix = ""] = process.argv.slice(2);
  if (directory === undefined) throw new Error("Name the directory whose files are to be sent.");
  console.log(`${await enqueue(REDIS_URL, directory, prefix)} files are in the queue`);
}
