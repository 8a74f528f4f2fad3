import type { TransportCase } from "./subject.js";

/** All that a transport must do. */
export const transportCases: readonly TransportCase[] = [];
