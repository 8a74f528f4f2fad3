import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder `bench`. */
export const bench = dirname(dirname(fileURLToPath(import.meta.url)));
/** What is built, installed and measured; not in git. */
export const cache = join(bench, ".cache");
export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;
