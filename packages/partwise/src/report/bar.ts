import type { Colors } from "picocolors/types.js";
import { displayWidth, formatBytes, formatDuration, formatPercent, formatRate, shorten } from "./format.js";
import type { View } from "./view.js";

/** How the terminal wants it. */
export interface Look {
  /** Columns to fill at most. */
  readonly columns: number;
  readonly unicode: boolean;
  readonly colors: Colors;
}

const shapes = {
  unicode: { proven: "█", unproven: "▒", rest: "░" },
  ascii: { proven: "#", unproven: "+", rest: "." },
} as const;

/** Columns of the bar; a further fact is shown only where it leaves the bar its fair width. */
const barWidth = { most: 30, fair: 16, least: 8 };

/** One line that says where the transfer stands; what does not fit is left out, the least telling first. */
export function drawBar(name: string, view: View, look: Look): string {
  const { total, there } = view;
  if (total === undefined) return shorten(`${name}  ${stateOf(view) ?? "starting…"}`, look.columns);
  const facts = factsOf(view, total);
  const percent = formatPercent(there, total).padStart(5);
  for (let kept = facts.length; kept >= 0; kept -= 1) {
    const tail = [percent, ...facts.slice(0, kept)].join("  ");
    const room = look.columns - displayWidth(tail) - 2;
    const least = kept > 1 ? barWidth.fair : barWidth.least;
    const nameRoom = Math.min(displayWidth(name), room - least - 2);
    // A name is worth more than a third fact, and less than the bar.
    if (kept > 0 && nameRoom < Math.min(displayWidth(name), kept > 1 ? 16 : 4)) continue;
    const title = nameRoom >= 4 ? `${shorten(name, nameRoom)}  ` : "";
    const width = Math.min(barWidth.most, room - displayWidth(title));
    if (width >= 3) return `${title}${blocks(view, total, width, look)}  ${tail}`;
  }
  return shorten(percent.trim(), look.columns);
}

/** In the order in which they matter. */
function factsOf(view: View, total: number): string[] {
  const state = stateOf(view);
  if (state) return [state, formatBytes(total)];
  const { progress, there, proven, ownShare } = view;
  const facts: string[] = [];
  // Fixed widths keep the line from dancing.
  if (progress && progress.bytesPerSecond > 0) {
    facts.push(formatRate(progress.bytesPerSecond).padStart(10));
    if (progress.eta !== undefined)
      facts.push(`${formatDuration(Math.max(1000, progress.eta))} left`.padEnd(10));
  }
  const whole = formatBytes(total);
  facts.push(`${formatBytes(there).padStart(whole.length)} of ${whole}`);
  if (ownShare !== undefined) facts.push(`${formatBytes(ownShare)} by us`);
  if (proven !== undefined && proven < 1) facts.push(`proving ${formatPercent(proven, 1)}`);
  else if (progress && progress.resumed > 0) facts.push(`${formatBytes(progress.resumed)} were there`);
  return facts;
}

function stateOf(view: View): string | undefined {
  if (view.phase === "waiting") return "waiting…";
  if (view.phase === "finishing") return "finishing…";
  if (view.phase === "done") return "done";
  if (view.phase === "proving") return `proving ${formatPercent(view.proven ?? 0, 1)}`;
  return undefined;
}

function blocks(view: View, total: number, width: number, { unicode, colors }: Look): string {
  const shape = unicode ? shapes.unicode : shapes.ascii;
  const cells = (bytes: number) => (total === 0 ? width : Math.floor((bytes / total) * width));
  const proven = cells(view.progress?.acknowledged ?? 0);
  const unproven = cells(view.there) - proven;
  return (
    colors.green(shape.proven.repeat(proven)) +
    colors.yellow(shape.unproven.repeat(unproven)) +
    colors.dim(shape.rest.repeat(width - proven - unproven))
  );
}
