import type { OpenFile } from "../file-system/file-system.js";
import { beginsForeign, magic } from "./frame.js";
import type { Applied, LogFold } from "./log-fold.js";

/** Longest line read or written; a longer one is not ours. */
export const longestLine = 64 * 1024 * 1024;

const blockSize = 256 * 1024;

/** Carries the fold on over all whole lines before `end`. */
export async function scan(
  file: OpenFile,
  fold: LogFold,
  end: number,
  visit?: (applied: Applied, offset: number) => void,
): Promise<void> {
  if (fold.consumed === 0 && !fold.skipping) await scanHead(file, fold);
  let block = Buffer.allocUnsafeSlow(Math.min(blockSize, Math.max(0, end - fold.consumed)));
  while (fold.consumed < end) {
    const wanted = Math.min(block.length, end - fold.consumed);
    const got = await file.read(block.subarray(0, wanted), fold.consumed);
    const lines = got === 0 ? -1 : block.lastIndexOf(0x0a, got - 1);
    if (lines >= 0) {
      takeLines(block, lines, fold, visit);
      continue;
    }
    if (got < wanted || fold.consumed + got >= end) {
      // A line too long is passed over as it comes; any other may still be on its way.
      if (fold.skipping) fold.consumed += got;
      return;
    }
    if (block.length < longestLine && !fold.skipping) {
      block = Buffer.allocUnsafeSlow(Math.min(block.length * 4, longestLine));
    } else {
      fold.skipping = true;
      fold.consumed += got;
    }
  }
}

async function scanHead(file: OpenFile, fold: LogFold): Promise<void> {
  const head = Buffer.alloc(512 + magic.length);
  fold.beginsForeign = beginsForeign(head.subarray(0, await file.read(head, 0)));
}

function takeLines(
  block: Buffer,
  last: number,
  fold: LogFold,
  visit?: (a: Applied, offset: number) => void,
): void {
  const base = fold.consumed;
  let start = 0;
  while (start <= last) {
    const stop = block.indexOf(0x0a, start);
    if (fold.skipping) {
      fold.skipping = false;
      fold.damaged++;
    } else {
      const applied = fold.line(block.subarray(start, stop), base + start);
      visit?.(applied, base + start);
    }
    start = stop + 1;
  }
  fold.consumed = base + last + 1;
}
