import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { OssTransportOptions } from "@partwise/oss-adapter";
import { type OssEmulator, startOssEmulator } from "@partwise/oss-emulator";

/** What each example gets: a local OSS, a real file, a folder for journals. */
export interface World {
  /** How to reach the local OSS. Yours is shorter: `{ bucket: "my-bucket", region: "cn-hangzhou" }`. */
  readonly oss: OssTransportOptions;
  /** 32 MiB of random bytes. */
  readonly file: string;
  /** Where journals go. */
  readonly directory: string;
  readonly print: (line: string) => void;
}

/** A world of its own, gone when `close` has resolved. */
export async function makeWorld(
  print: World["print"] = console.log,
  now: () => number = Date.now,
): Promise<World & { readonly emulator: OssEmulator; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "partwise-example-"));
  const file = join(folder, "day-12.mov");
  await writeFile(file, randomBytes(32 * 1024 * 1024));
  const credentials = { accessKeyId: "example-id", accessKeySecret: "example-secret" };
  const emulator = await startOssEmulator({ buckets: ["demo"], credentials: [credentials], now });
  const { endpoint, region } = emulator;
  return {
    oss: { bucket: "demo", endpoint, region, credentials },
    file,
    directory: join(folder, "journals"),
    print,
    emulator,
    async close() {
      await emulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** `node examples/00-run.ts 03` runs the example whose name begins so. */
async function main(wanted = ""): Promise<void> {
  const here = fileURLToPath(new URL(".", import.meta.url));
  const names = (await readdir(here)).filter((name) => /^0[1-9]-.*\.ts$/.test(name)).sort();
  const name = names.find((each) => wanted !== "" && each.startsWith(wanted));
  if (name === undefined) {
    console.error(`Name one of the examples: ${names.map((each) => each.slice(0, -3)).join(", ")}.`);
    process.exitCode = 2;
    return;
  }
  const world = await makeWorld();
  try {
    const { run } = (await import(pathToFileURL(join(here, name)).href)) as { run: Example };
    console.log(await run(world));
  } finally {
    await world.close();
  }
}

/** What every example exports as `run`. */
export type Example = (world: World) => Promise<unknown>;

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv[2]);
