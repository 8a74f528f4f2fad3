import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { createTransfers } from "@partwise/core";
import { fileSource } from "@partwise/core/node";
import { ossTransport } from "@partwise/oss-adapter";
import manifest from "../package.json" with { type: "json" };
import type { Host, Output, PauseSignal } from "./host.js";
import { openStore } from "./open-store.js";

/** The real outside. */
export function nodeHost(): Host {
  const stderr = output(process.stderr);
  return {
    stdout: output(process.stdout),
    stderr,
    env: process.env,
    version: manifest.version,
    now: () => Date.now(),
    name: `process ${process.pid} on ${hostname()}`,
    sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
    every(ms, tick) {
      const timer = setInterval(tick, ms).unref();
      return () => clearInterval(timer);
    },
    onSignal(hear) {
      const signals: readonly PauseSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];
      for (const each of signals) process.on(each, hear);
      return () => {
        for (const each of signals) process.off(each, hear);
      };
    },
    exit: (code) => process.exit(code),
    createTransfers,
    openTransport: (remote) => ossTransport(remote),
    openStore: (place) => openStore(place, (message) => stderr.write(`partwise: ${message}\n`)),
    openFile: (path) => fileSource(path),
  };
}

function output(stream: NodeJS.WriteStream): Output {
  let gone = false;
  // A closed pipe or a hung-up terminal ends the talking, not the transfer.
  stream.on("error", () => {
    gone = true;
  });
  return {
    write(text) {
      if (!gone) stream.write(text);
    },
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns;
    },
    get rows() {
      return stream.rows;
    },
  };
}
