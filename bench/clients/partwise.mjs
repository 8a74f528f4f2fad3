// Our own client, from the built packages, with every safety on: CRC-64 of parts and whole, journal in a directory, leases.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createTransfers } from "@partwise/core";
import { fileSource } from "@partwise/core/node";
import { fsStore } from "@partwise/fs-store";
import { ossTransport } from "@partwise/oss-adapter";
import { measured, pooled, smallFiles } from "./measure.mjs";

await measured(async (config) => {
  const directory = join(config.state ?? config.work, "journals");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const transport = ossTransport({
    endpoint: config.endpoint,
    region: "cn-hangzhou",
    bucket: config.bucket,
    pathStyle: true,
    credentials: { accessKeyId: "ak", accessKeySecret: "sk" },
    ...(config.http ? { http: config.http } : {}),
  });
  const transfers = createTransfers({
    transport,
    store: fsStore({ directory }),
    ...(config.concurrency ? { concurrency: config.concurrency } : {}),
  });
  if (config.directory) {
    const files = smallFiles(config);
    return () =>
      pooled(files, config.concurrency, (file) =>
        transfers.upload({ source: fileSource(file.path), key: file.key }),
      );
  }
  return async (key) => {
    const result = await transfers.upload({
      source: fileSource(config.file),
      key,
      ...(config.partSize ? { partSize: config.partSize } : {}),
      ...(config.verify ? { verify: config.verify } : {}),
      ...(config.crew ? { crew: true } : {}),
    });
    return {
      sentBytes: result.sentBytes,
      resumedBytes: result.resumedBytes,
      wastedBytes: result.wastedBytes,
    };
  };
});
