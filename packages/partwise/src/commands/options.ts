import { type Command, Option } from "commander";
import { usageError } from "../failure.js";
import type { Host, Remote } from "../host.js";

/** Options of every command that looks at the store. */
export interface StoreOptions {
  readonly store?: string;
  readonly json?: boolean;
}

/** Options of every command that speaks with the remote. */
export interface RemoteOptions {
  readonly endpoint?: string;
  readonly region?: string;
  readonly pathStyle?: boolean;
  readonly signature?: "v1" | "v4";
}

export function withStoreOptions(command: Command): Command {
  return command
    .option("--store <place>", "where journals are kept: a directory or redis://… (env: PARTWISE_STORE)")
    .option("--json", "one JSON object per line on stdout");
}

export function withRemoteOptions(command: Command): Command {
  return command
    .option("--endpoint <url>", "where the bucket lives (default: from the region; env: OSS_ENDPOINT)")
    .option("--region <name>", "the bucket's region, such as cn-hangzhou (env: OSS_REGION)")
    .option("--path-style", "put the bucket into the path instead of the host name")
    .addOption(
      new Option("--signature <version>", "how requests are signed").choices(["v1", "v4"]).default("v4"),
    );
}

/** How to reach a bucket: options first, then the environment. */
export function remoteOf(host: Host, bucket: string, options: RemoteOptions): Remote {
  const region = options.region || host.env.OSS_REGION;
  const endpoint = options.endpoint || host.env.OSS_ENDPOINT;
  if (!region && !endpoint) {
    throw usageError(
      `It is not known where bucket ${bucket} is. Give --region (for example cn-hangzhou) or --endpoint, or set OSS_REGION or OSS_ENDPOINT.`,
    );
  }
  return {
    bucket,
    ...(region && { region }),
    ...(endpoint && { endpoint }),
    ...(options.pathStyle && { pathStyle: true }),
    ...(options.signature && { signature: options.signature }),
  };
}

/** Where journals are kept: option first, then the environment; otherwise the default directory. */
export function storePlace(host: Host, options: StoreOptions): string | undefined {
  return placeOf("--store", options.store) ?? (host.env.PARTWISE_STORE || undefined);
}

/** A store as an option names it. */
export function placeOf(option: string, text: string | undefined): string | undefined {
  if (text === "") throw usageError(`${option} names no directory.`);
  return text;
}

/** Gathers an option that may be given again and again. */
export function gather(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
