import { type CheckpointStore, TransferError } from "@partwise/core";
import { fsStore } from "@partwise/fs-store";

/**
 * Opens the store that a place names: a directory (absent: the default one), or a Redis. What Redis needs is loaded only
 * when one is named.
 */
export async function openStore(
  place: string | undefined,
  onWarning: (message: string) => void,
): Promise<CheckpointStore> {
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(place ?? "") ?? [];
  if (place === undefined || scheme === undefined) {
    return fsStore(place === undefined ? {} : { directory: place });
  }
  // The rest of the URL holds a password, perhaps.
  if (!/^rediss?$/i.test(scheme)) {
    throw new TransferError(
      "invalid-options",
      `Stores at ${scheme.toLowerCase()}:// are not known. Give a directory, redis://host:6379 or rediss://host:6379.`,
    );
  }
  const { redisStore } = await redisPackage();
  return redisStore({ url: place, onWarning });
}

async function redisPackage(): Promise<typeof import("@partwise/redis-store")> {
  try {
    return await import("@partwise/redis-store");
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new TransferError(
      "invalid-options",
      "A store in Redis needs two more packages: run npm install @partwise/redis-store ioredis (with -g if partwise was installed so).",
    );
  }
}
