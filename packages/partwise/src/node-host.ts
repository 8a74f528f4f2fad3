import { createTransfers } from "@partwise/core";
import { fileSource } from "@partwise/core/node";
import { fsStore } from "@partwise/fs-store";
import { ossTransport } from "@partwise/oss-adapter";
import manifest from "../package.json" with { type: "json" };
import type { Host, Output, PauseSignal } from "./host.js";

/** The real outside. */
export function nodeHost(): Host {
  return {
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    env: process.env,
    version: manifest.version,
    now: () => Date.now(),
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
    openStore: (directory) => fsStore(directory === undefined ? {} : { directory }),
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
  };
}
