// npm @aws-sdk/lib-storage over @aws-sdk/client-s3, with the SDK's default checksums.
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { measured, pooled, smallFiles } from "./measure.mjs";

await measured(async (config) => {
  const require = createRequire(join(config.cache, "npm/package.json"));
  const { PutObjectCommand, S3Client } = require("@aws-sdk/client-s3");
  const { Upload } = require("@aws-sdk/lib-storage");
  const client = new S3Client({
    endpoint: config.endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "ak", secretAccessKey: "sk" },
  });
  if (config.directory) {
    const files = smallFiles(config);
    return () =>
      pooled(files, config.concurrency, async (file) => {
        const Body = await readFile(file.path);
        await client.send(new PutObjectCommand({ Bucket: config.bucket, Key: file.key, Body }));
      });
  }
  return async (key) => {
    const upload = new Upload({
      client,
      params: { Bucket: config.bucket, Key: key, Body: createReadStream(config.file) },
      ...(config.partSize ? { partSize: config.partSize } : {}),
      ...(config.concurrency ? { queueSize: config.concurrency } : {}),
    });
    await upload.done();
  };
});
