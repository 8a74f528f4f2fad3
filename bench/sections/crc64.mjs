// Our checksum alone: runs bench/crc64.mjs and keeps what it prints.
import { join } from "node:path";
import { run } from "../lib/exec.mjs";
import { bench } from "../lib/paths.mjs";

export const sections = [
  {
    name: "crc64",
    title: "CRC-64 in WebAssembly",
    about:
      "GB = 10^9 bytes. “In place” is how the client uses it: files are read into the checksum's own memory.",
    async run(context) {
      const text = await run(process.execPath, [join(bench, "crc64.mjs")]);
      context.say(text);
      const speed = /^\s*([\d.]+)\s.*fold, 256 KiB blocks in place$/m.exec(text);
      if (!speed) throw new Error("bench/crc64.mjs printed no line “fold, 256 KiB blocks in place”");
      return { text: text.trim(), gigabytesPerSecond: Number(speed[1]) };
    },
    render: ({ text }) => `\`\`\`\n${text}\n\`\`\``,
  },
];
