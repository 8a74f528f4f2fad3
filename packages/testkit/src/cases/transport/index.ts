import { endingCases } from "./ending.js";
import { failingCases } from "./failing.js";
import { objectCases } from "./objects.js";
import { partCases } from "./parts.js";
import { preparingCases } from "./preparing.js";
import { readingCases } from "./reading.js";
import { sessionCases } from "./sessions.js";
import type { TransportCase } from "./subject.js";

/** All that a transport must do. */
export const transportCases: readonly TransportCase[] = [
  ...preparingCases,
  ...objectCases,
  ...partCases,
  ...sessionCases,
  ...readingCases,
  ...endingCases,
  ...failingCases,
];
