import { basename, resolve } from "node:path";
import { Command, Option } from "commander";
import { parseTarget } from "../args/target.js";
import type { Host } from "../host.js";
import { createReporter } from "../report/choose.js";
import { withTransfers } from "./connect.js";
import { gather, withRemoteOptions, withStoreOptions } from "./options.js";
import { reported } from "./report.js";
import { readUploadOptions, type UploadOptions } from "./upload-options.js";

/** `partwise upload <file> oss://bucket/key` */
export function uploadCommand(host: Host): Command {
  const command = new Command("upload")
    .description("send a file; the same command goes on after any interruption")
    .argument("<file>", "the file to send")
    .argument("<target>", "oss://bucket/key; a key ending in / takes the file's name")
    .option("--concurrency <auto|N>", "parts in flight at once (default: auto)")
    .option("--part-size <size>", "bytes of a part (default: 10MiB, more for files over 97 GiB)")
    .option("--threshold <size>", "size from which a file goes in parts (default: 10MiB)")
    .addOption(
      new Option("--verify <how>", "believe parts found at the remote by their bytes, or by the file's times")
        .choices(["checksum", "fingerprint"])
        .default("checksum"),
    )
    .option("--header <'Name: value'>", "a header for the object; may be repeated", gather, [])
    .option("--meta <name=value>", "metadata of the object; may be repeated", gather, [])
    .option("--acl <acl>", "private, public-read, public-read-write or default")
    .option("--storage-class <class>", "Standard, IA, Archive, …")
    .option("--content-type <type>", "the object's media type")
    .option("--forbid-overwrite", "refuse to replace an object")
    .option("--restart", "throw away what another file left half-sent at this target")
    .option("--wait", "wait while another process sends to this target")
    .option("--crew", "share the work with all who run this with --crew and a store that all of them see")
    .option("--lease-ttl <time>", "how long others wait for this process after it died (default: 30s)")
    .option("--give-up-after <time>", "stop, resumable, after so long without progress (default: 15m)")
    .option("--quiet", "print errors only; with --json, the last line only")
    .action((file: string, target: string, options: UploadOptions) => upload(host, file, target, options));
  return withStoreOptions(withRemoteOptions(command));
}

async function upload(host: Host, file: string, text: string, options: UploadOptions): Promise<void> {
  const name = basename(resolve(file));
  const { bucket, key } = parseTarget(text, name);
  const { settings, request } = readUploadOptions(options);
  const more = { ...settings, ...(request.crew && { holder: host.name }) };
  await withTransfers(host, bucket, options, more, (transfers, transport) => {
    const reporter = createReporter(host, { name, location: transport.locate(key) }, options);
    return reported(host, reporter, (signal, onEvent) =>
      transfers.upload({ ...request, source: host.openFile(file), key, signal, onEvent }),
    );
  });
}
