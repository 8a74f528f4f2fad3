// All sections, in the order of the page.
import { sections as checkpoint } from "./checkpoint.mjs";
import { sections as crc64 } from "./crc64.mjs";
import { sections as crew } from "./crew.mjs";
import { sections as memory } from "./memory.mjs";
import { sections as resume } from "./resume.mjs";
import { sections as small } from "./small.mjs";
import { sections as throughput } from "./throughput.mjs";
import { sections as wan } from "./wan.mjs";

/**
 * A section: `{ name, title, about, large?, run(context), render(data) }`. `run` measures and returns plain data, which is
 * kept as JSON; `render` makes its table from that. `large` ones are left out of quick runs.
 */
export const sections = [
  ...throughput,
  ...small,
  ...wan,
  ...resume,
  ...memory,
  ...checkpoint,
  ...crew,
  ...crc64,
];
