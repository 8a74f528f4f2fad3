import { TransferError } from "@partwise/core/contract";
import type { RedisConnection } from "./connection/connection.js";

/** Oldest Redis that the scripts were written for. Valkey began with 7.2 and says so too. */
const oldest = [6, 2] as const;

/** Refuses a server that is too old; warns of one that may throw journals away. */
export async function checkServer(
  connection: RedisConnection,
  name: string,
  onWarning: (message: string) => void,
): Promise<void> {
  const nodes = await connection.primaries();
  const infos = await Promise.all(nodes.map(async (node) => facts(await info(node))));
  for (const { redis_version: version, maxmemory_policy: policy } of infos) {
    if (version !== undefined && isOld(version)) {
      throw new TransferError(
        "unsupported",
        `${name} is Redis ${version}; the store needs ${oldest.join(".")} or later, or Valkey.`,
      );
    }
    if (policy !== undefined && policy !== "noeviction") {
      onWarning(
        `${name} has maxmemory-policy ${policy} and may throw away journals of running transfers when its memory is full. Set it to noeviction.`,
      );
      return;
    }
  }
}

/** What the server says of itself; nothing where that is forbidden. */
async function info(node: { send(command: readonly string[]): Promise<unknown> }): Promise<string> {
  try {
    return String(await node.send(["INFO"]));
  } catch (error) {
    if (error instanceof Error && /^(NOPERM|ERR)\b/.test(error.message)) return "";
    throw error;
  }
}

function facts(text: string): Partial<Record<string, string>> {
  const pairs = text.split("\n").map((line) => line.trim().split(":", 2) as [string, string?]);
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}

function isOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
}
