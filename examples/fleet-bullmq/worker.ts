// One worker of the fleet; start as many as you like, on as many machines: node examples/fleet-bullmq/worker.ts
import { createTransfers, isTransferError, type Transfers } from "@partwise/core";
import { fileSource } from "@partwise/core/node";
import { ossTransport } from "@partwise/oss-adapter";
import { redisStore } from "@partwise/redis-store";
import { type Job, UnrecoverableError, WaitingError, Worker } from "bullmq";
import type { FileJob } from "./queue.js";

const {
  QUEUE = "partwise-fleet",
  REDIS_URL = "redis://127.0.0.1:6379",
  OSS_BUCKET = "",
  OSS_REGION,
  OSS_ENDPOINT,
  FILES_AT_ONCE = "4",
  HOLD_MS = "30000",
} = process.env;
/** How long the queue and the journals wait for a worker that died, in milliseconds. */
const hold = Number(HOLD_MS);

const transport = ossTransport({
  bucket: OSS_BUCKET,
  ...(OSS_REGION && { region: OSS_REGION }),
  ...(OSS_ENDPOINT && { endpoint: OSS_ENDPOINT }),
});
const store = redisStore({ url: REDIS_URL });
const transfers = createTransfers({ transport, store, leaseTtl: hold });
const leaving = new AbortController();

const worker = new Worker<FileJob>(QUEUE, (job, token) => upload(transfers, job, token), {
  connection: { url: REDIS_URL },
  concurrency: Number(FILES_AT_ONCE),
  lockDuration: hold,
  stalledInterval: hold,
  // A big file may see many workers die; each one goes on where the last was.
  maxStalledCount: 1000,
});
worker.on("error", (error) => console.error(`worker: ${error.message}`));

async function upload(transfers: Transfers, job: Job<FileJob>, token: string | undefined) {
  const { path, key } = job.data;
  try {
    const request = { source: fileSource(path), key, signal: leaving.signal };
    // A worker that was only slow still has the lease: wait for it, then take its result.
    const { tag, size, sentBytes } = await transfers.upload({ ...request, wait: true });
    return { tag, size, sentBytes };
  } catch (error) {
    if (leaving.signal.aborted) {
      await job.moveToWait(token);
      throw new WaitingError();
    }
    // Nobody can mend a missing file or a refusal by trying again.
    if (isTransferError(error) && ["caller", "remote-final"].includes(error.group)) {
      throw new UnrecoverableError(`${error.code}: ${error.message}`);
    }
    throw error;
  }
}

// Asked to go, a worker pauses its uploads within two seconds and gives their jobs back.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, async () => {
    leaving.abort(new Error("the worker was asked to leave"));
    await worker.close();
    await store.close();
    await transport.close();
  });
}
