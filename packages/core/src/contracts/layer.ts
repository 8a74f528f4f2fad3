import type { Transport } from "./transport.js";

/** A behaviour worn by a transport: retry, throttle, trace. The result is a transport again. */
export type Layer = (transport: Transport) => Transport;
