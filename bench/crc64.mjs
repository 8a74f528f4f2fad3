/**
 * Speed of the checksum's variants in GB/s (1e9 bytes), median and range of interleaved rounds:
 * `node bench/crc64.mjs`. Runs on the sources, no build needed.
 */
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const directory = fileURLToPath(new URL("../packages/core/src/checksum", import.meta.url));
const { outputFiles } = await build({
  stdin: {
    contents: `export { startTable } from "./table.ts"; export { startWasm } from "./wasm.ts"; export { crc64ecma } from "./index.ts";`,
    resolveDir: directory,
  },
  bundle: true,
  format: "esm",
  target: "es2023",
  write: false,
});
const code = Buffer.from(outputFiles[0].contents).toString("base64");
const { startTable, startWasm, crc64ecma } = await import(`data:text/javascript;base64,${code}`);

const KiB = 1024;
const foreign = Uint8Array.from({ length: 512 * KiB }, (_, at) => (at * 2654435761) >>> 24);

/** Hashes `rounds` chunks of `size` bytes through one checksum, in place or copied from elsewhere. */
function chunks(start, size, inPlace) {
  const running = start();
  const room = inPlace ? [running.buffers.take(), running.buffers.take()] : [foreign, foreign];
  const views = room.map((bytes) => bytes.subarray(0, size));
  if (inPlace) for (const view of views) view.set(foreign.subarray(0, size));
  return (rounds) => {
    for (let round = 0; round < rounds; round++) running.update(views[round & 1]);
  };
}

/** Hashes `rounds` bodies of `size` bytes, each from start to release. */
function bodies(start, size) {
  const bytes = foreign.subarray(0, size);
  return (rounds) => {
    for (let round = 0; round < rounds; round++) {
      const running = start(size);
      for (let at = 0; at < size; ) {
        const chunk = running.buffers.take().subarray(0, size - at);
        if (round < 2) chunk.set(bytes.subarray(at, at + chunk.length));
        running.update(chunk);
        at += chunk.length;
      }
      running.value();
      running.release(true);
    }
  };
}

const fold = (size) => startWasm("fold", size);
const slice = (size) => startWasm("slice", size);
const cases = [
  ["fold, 256 KiB blocks in place", 256 * KiB, chunks(fold, 256 * KiB, true)],
  ["fold, 512 KiB blocks in place", 512 * KiB, chunks(fold, 512 * KiB, true)],
  ["fold, 256 KiB blocks from elsewhere", 256 * KiB, chunks(fold, 256 * KiB, false)],
  ["slice, 256 KiB blocks in place", 256 * KiB, chunks(slice, 256 * KiB, true)],
  ["table, 256 KiB blocks", 256 * KiB, chunks(startTable, 256 * KiB, false)],
  ...[16, 32, 64, 128, 512].flatMap((k) => [
    [`fold, bodies of ${k} KiB`, k * KiB, bodies(fold, k * KiB)],
    [`slice, bodies of ${k} KiB`, k * KiB, bodies(slice, k * KiB)],
  ]),
];

const results = cases.map(() => []);
for (let round = 0; round < 11; round++) {
  cases.forEach(([name, size, run], index) => {
    const rounds = Math.ceil(((name.startsWith("table") ? 8 : 64) * 1e6) / size);
    const from = performance.now();
    run(rounds);
    // The first two rounds wait for the optimising compilers.
    if (round > 1) results[index].push((rounds * size) / (performance.now() - from) / 1e6);
  });
}

const show = (speed) => speed.toFixed(2).padStart(6);
console.log(`Node ${process.version}, ${cpus()[0].model.trim()}\n\nmedian    min    max  GB/s`);
cases.forEach(([name], index) => {
  const sorted = results[index].sort((a, b) => a - b);
  console.log(`${show(sorted[sorted.length >> 1])} ${show(sorted[0])} ${show(sorted.at(-1))}  ${name}`);
});

const size = 10 * 1024 * KiB;
const before = process.cpuUsage();
let whole = "0";
for (let part = 0; part < 10_000; part++) whole = crc64ecma.combine(whole, String(part), size);
const used = process.cpuUsage(before);
console.log(`\ncombine, 10,000 parts of 10 MiB: ${((used.user + used.system) / 1000).toFixed(1)} ms of CPU`);
