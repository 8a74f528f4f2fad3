import { entryCases } from "./entries.js";
import { fencingCases } from "./fencing.js";
import { leaseCases } from "./leases.js";
import type { StoreCase } from "./subject.js";
import { upkeepCases } from "./upkeep.js";

/** All that a checkpoint store must do. */
export const storeCases: readonly StoreCase[] = [
  ...entryCases,
  ...leaseCases,
  ...fencingCases,
  ...upkeepCases,
];
