#!/usr/bin/env node
import { parseArgs } from "node:util";
import { DEFAULT_CREDENTIALS, startOssEmulator } from "./emulator.js";

const USAGE = `Usage: oss-emulator [--port 9000] [--host 127.0.0.1] [--dir FOLDER] [--bucket NAME ...] [--region ID]
                    [--access-key-id ID --access-key-secret SECRET]

A local Alibaba Cloud OSS. Defaults: port 9000, bucket demo, region cn-hangzhou, a temporary folder,
access key emulator-id with secret emulator-secret. OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET are used
together when the options are absent. Stops on SIGINT and SIGTERM.`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "9000" },
      host: { type: "string", default: "127.0.0.1" },
      dir: { type: "string" },
      bucket: { type: "string", multiple: true, default: ["demo"] },
      region: { type: "string", default: "cn-hangzhou" },
      "access-key-id": { type: "string" },
      "access-key-secret": { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535)
    throw new Error(`--port must be 0 to 65535, not "${values.port}".`);
  const emulator = await startOssEmulator({
    port,
    host: values.host,
    buckets: values.bucket,
    region: values.region,
    credentials: [credentialsFrom(values["access-key-id"], values["access-key-secret"])],
    ...(values.dir === undefined ? {} : { directory: values.dir }),
  });
  console.log(`OSS emulator at ${emulator.endpoint}`);
  console.log(
    `Region ${emulator.region}, buckets ${values.bucket.join(", ")}, data in ${emulator.directory}`,
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void emulator.close());
}

function credentialsFrom(id: string | undefined, secret: string | undefined) {
  const { OSS_ACCESS_KEY_ID: envId, OSS_ACCESS_KEY_SECRET: envSecret } = process.env;
  if (id !== undefined && secret !== undefined) return { accessKeyId: id, accessKeySecret: secret };
  if (id !== undefined || secret !== undefined) {
    throw new Error("--access-key-id and --access-key-secret go together.");
  }
  return envId && envSecret ? { accessKeyId: envId, accessKeySecret: envSecret } : DEFAULT_CREDENTIALS;
}

main().catch((error: unknown) => {
  const code = (error as NodeJS.ErrnoException).code;
  const message = error instanceof Error ? error.message.split("\n")[0] : String(error);
  const wrongUse = code?.startsWith("ERR_PARSE_ARGS") ? " See oss-emulator --help." : "";
  console.error(
    `oss-emulator: ${code === "EADDRINUSE" ? `${message}; choose another --port` : message}${wrongUse}`,
  );
  process.exitCode = 1;
});
