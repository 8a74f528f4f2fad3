import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { TransferError } from "@partwise/core/contract";

/**
 * Where journals lie when nothing is said: `PARTWISE_STORE`, else `$XDG_STATE_HOME/partwise`, else
 * `~/.local/state/partwise`.
 */
export function defaultDirectory(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const named = env.PARTWISE_STORE;
  if (named !== undefined && named !== "") {
    // The value is not shown: an address may carry a password.
    if (/^[a-z][a-z0-9+.-]+:\/\//i.test(named)) {
      throw new TransferError(
        "invalid-options",
        "PARTWISE_STORE holds the address of another kind of store; give fsStore a directory.",
      );
    }
    return resolve(named);
  }
  const state = env.XDG_STATE_HOME;
  // The specification says to ignore relative paths.
  if (state !== undefined && isAbsolute(state)) return join(state, "partwise");
  return join(homedir(), ".local", "state", "partwise");
}
