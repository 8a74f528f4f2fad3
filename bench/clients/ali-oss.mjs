// npm ali-oss: multipartUpload for one file, put for many small ones.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { measured, pooled, smallFiles } from "./measure.mjs";

await measured(async (config) => {
  const OSS = createRequire(join(config.cache, "npm/package.json"))("ali-oss");
  const client = new OSS({
    endpoint: config.endpoint,
    accessKeyId: "ak",
    accessKeySecret: "sk",
    bucket: config.bucket,
    timeout: 600_000,
  });
  if (config.directory) {
    const files = smallFiles(config);
    return () => pooled(files, config.concurrency, (file) => client.put(file.key, file.path));
  }
  const options = {};
  if (config.partSize) options.partSize = config.partSize;
  if (config.concurrency) options.parallel = config.concurrency;
  if (config.state) {
    // ali-oss leaves keeping the checkpoint to the application: this is the plain way to do it.
    const path = join(config.state, "checkpoint.json");
    try {
      options.checkpoint = JSON.parse(readFileSync(path, "utf8"));
    } catch {
      // First run.
    }
    options.progress = (_done, checkpoint) => {
      if (!checkpoint) return;
      writeFileSync(`${path}.new`, JSON.stringify(checkpoint));
      renameSync(`${path}.new`, path);
    };
  }
  return async (key) => {
    await client.multipartUpload(key, config.file, options);
  };
});
