// Peak memory must not know how large the file is.
import { fileOf, forget } from "../lib/files.mjs";
import { GiB, MiB } from "../lib/paths.mjs";
import { interleave } from "../lib/rounds.mjs";
import { startSink } from "../lib/sink.mjs";
import { costTable } from "../lib/tables.mjs";

export const sections = [
  {
    name: "memory",
    title: "Peak memory at eight connections, by size of file and of part",
    about: "Sparse files; the whole process is counted, Node's own some 45 MiB too.",
    async run(context) {
      const sizes = context.quick ? [256 * MiB, 2 * GiB] : [GiB, 20 * GiB];
      const sink = await startSink();
      const files = sizes.map((size) => fileOf(context.folder, size, { sparse: true }));
      const cases = files.flatMap((file) =>
        [10, 32].map((part) => ({
          id: `partwise:${file.size / GiB}:${part}`,
          client: "partwise",
          label: `partwise, ${file.size / GiB} GiB, 8 × ${part} MiB`,
          config: { file: file.path, size: file.size, concurrency: 8, partSize: part * MiB },
        })),
      );
      cases.push({
        ...cases.at(-2),
        id: `${cases.at(-2).id}:node`,
        label: `${cases.at(-2).label}, \`http: "node"\``,
        config: { ...cases.at(-2).config, http: "node" },
      });
      try {
        return {
          sink: sink.flags,
          cases: await interleave(context, sink, cases, Math.min(3, context.rounds)),
        };
      } finally {
        await sink.stop();
        for (const file of files) forget(file.path);
      }
    },
    render: ({ cases }) => costTable(cases, cases[0]?.id),
  },
];
