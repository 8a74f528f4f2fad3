import { expect } from "vitest";
import type { Source, SourceOpener } from "../src/contracts/source.js";

/** What a source must do, as data: one list for all of them. */
export interface SourceCase {
  readonly name: string;
  run(subject: SourceSubject): Promise<void>;
}

/** A source under test and the bytes it must give. */
export interface SourceSubject {
  readonly content: Uint8Array;
  readonly opener: SourceOpener;
}

export const sourceCases: readonly SourceCase[] = [
  {
    name: "gives the bytes of any range, again each time",
    run: (subject) =>
      withSource(subject, async (source, content) => {
        expect(source.size).toBe(content.length);
        const last = content.length;
        for (const [start, end] of [
          [0, last],
          [0, 1],
          [last - 1, last],
          [524_287, 524_289],
          [1_048_575, last],
          [5, 5],
          [last, last],
        ] as const) {
          const slice = source.slice({ start, end });
          expect(slice.size).toBe(end - start);
          for (let time = 0; time < 2; time++) {
            // Compared as a whole: expect's own comparison takes seconds for megabytes.
            expect((await drain(slice.open())).equals(content.subarray(start, end))).toBe(true);
          }
        }
      }),
  },
  {
    name: "reads overlapping slices at the same time",
    run: (subject) =>
      withSource(subject, async (source, content) => {
        const ranges = [0, 100_000, 900_000, 1_000_001].map((start) => ({ start, end: content.length }));
        const read = await Promise.all(ranges.map((range) => drain(source.slice(range).open())));
        ranges.forEach((range, n) => {
          expect(read[n]!.equals(content.subarray(range.start, range.end))).toBe(true);
        });
      }),
  },
  {
    name: "leaves the last two chunks alone, whatever buffers it is given",
    run: (subject) =>
      withSource(subject, async (source, content) => {
        const ring = [new Uint8Array(30_000), new Uint8Array(30_000)];
        let taken = 0;
        const buffers = { chunkSize: 30_000, take: () => ring[taken++ % 2]! };
        let before: { view: Uint8Array; copy: Uint8Array } | undefined;
        let size = 0;
        for await (const view of source.slice({ start: 1, end: content.length }).open({ buffers })) {
          if (before) expect(Buffer.compare(before.view, before.copy)).toBe(0);
          before = { view, copy: view.slice() };
          size += view.length;
        }
        expect(size).toBe(content.length - 1);
      }),
  },
  {
    name: "stops with the signal's reason, at once and on the way",
    run: (subject) =>
      withSource(subject, async (source, content) => {
        const stop = new AbortController();
        const reason = new Error("enough");
        const whole = source.slice({ start: 0, end: content.length });
        let seen = 0;
        const reading = async () => {
          for await (const _ of whole.open({ signal: stop.signal })) {
            seen++;
            stop.abort(reason);
          }
        };
        await expect(reading()).rejects.toBe(reason);
        expect(seen).toBe(1);
        await expect(drain(whole.open({ signal: stop.signal }))).rejects.toBe(reason);
        await expect(subject.opener.open({ signal: stop.signal })).rejects.toBe(reason);
      }),
  },
  {
    name: "may be left early",
    run: (subject) =>
      withSource(subject, async (source, content) => {
        const whole = source.slice({ start: 0, end: content.length });
        for await (const _ of whole.open()) break;
        expect((await drain(whole.open())).equals(content)).toBe(true);
      }),
  },
  {
    name: "refuses ranges outside itself",
    run: (subject) =>
      withSource(subject, async (source, content) => {
        for (const range of [
          { start: -1, end: 1 },
          { start: 2, end: 1 },
          { start: 0, end: content.length + 1 },
          { start: 0.5, end: 1 },
          { start: 0, end: Number.NaN },
        ]) {
          expect(() => source.slice(range)).toThrow(RangeError);
        }
      }),
  },
  {
    name: "has a fingerprint that is JSON and the same when opened again",
    run: (subject) =>
      withSource(subject, async (source) => {
        expect(JSON.parse(JSON.stringify(source.fingerprint))).toEqual(source.fingerprint);
        const again = await subject.opener.open();
        expect(again.fingerprint).toEqual(source.fingerprint);
        expect(await again.verify()).toBe("same");
        await again.close();
      }),
  },
  {
    name: "may be closed twice",
    run: async ({ opener }) => {
      const source = await opener.open();
      await source.close();
      await source.close();
    },
  },
];

async function withSource(
  { opener, content }: SourceSubject,
  use: (source: Source, content: Uint8Array) => Promise<void>,
): Promise<void> {
  const source = await opener.open();
  try {
    await use(source, content);
  } finally {
    await source.close();
  }
}

/** All bytes, copied before the chunk is used again. */
async function drain(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) {
    expect(chunk.length).toBeLessThanOrEqual(524_288);
    all.push(chunk.slice());
  }
  return Buffer.concat(all);
}
