import type { OpenFile } from "../file-system/file-system.js";
import { beginsForeign, decode, longestLine, magic } from "./frame.js";
import type { Applied, LogFold } from "./log-fold.js";

/** Told of every line, with the offset at which it begins. */
export type Visit = (applied: Applied, offset: number) => void;

const blockSize = 256 * 1024;

/**
 * Carries the fold on over all whole lines before `end`. A last line that lacks only its line feed is whole: else the
 * next writer's would bring it to light later, behind the back of who has read on.
 */
export async function scan(file: OpenFile, fold: LogFold, end: number, visit?: Visit): Promise<void> {
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
      else takeLast(block.subarray(0, got), fold, visit);
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

function takeLast(line: Buffer, fold: LogFold, visit?: Visit): void {
  if (line.length === 0 || decode(line) === undefined) return;
  const offset = fold.consumed;
  const applied = fold.line(line, offset);
  fold.consumed += line.length;
  visit?.(applied, offset);
}

function takeLines(block: Buffer, last: number, fold: LogFold, visit?: Visit): void {
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
