import type { IncomingMessage } from "node:http";
import { OssError } from "./errors.js";
import { Dropped } from "./sleep.js";

const HIGH_WATER = 512 * 1024;

/**
 * Reads a request's body with back-pressure. Unlike the stream's own iterator it can be left early without
 * destroying the connection, and it gives up with RequestTimeout when nothing arrives for `idle` milliseconds.
 */
export async function* readBody(request: IncomingMessage, idle: number): AsyncGenerator<Buffer> {
  const queue: Buffer[] = [];
  let queued = 0;
  let state = (request.readableEnded ? "ended" : "open") as "open" | "ended" | "broken" | "idle";
  let wake = () => {};
  const turn = (next: typeof state) => {
    if (state === "open") state = next;
    wake();
  };
  const onData = (bytes: Buffer) => {
    queue.push(bytes);
    queued += bytes.length;
    if (queued >= HIGH_WATER) request.pause();
    wake();
  };
  const onEnd = () => turn("ended");
  const onClose = () => turn("broken");
  const timer = setTimeout(() => turn("idle"), idle);
  request.on("data", onData).on("end", onEnd).on("close", onClose).on("error", onClose);
  if (request.destroyed && !request.readableEnded) turn("broken");
  try {
    for (;;) {
      const bytes = queue.shift();
      if (bytes) {
        queued -= bytes.length;
        timer.refresh();
        yield bytes;
        // The time the reader took is not the sender's.
        timer.refresh();
        if (queued < HIGH_WATER && request.isPaused()) request.resume();
        continue;
      }
      if (state === "ended") return;
      if (state === "broken") throw new Dropped();
      if (state === "idle") {
        throw new OssError(
          400,
          "RequestTimeout",
          "Your socket connection to the server was not read from or written to within the timeout period.",
        );
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    clearTimeout(timer);
    request.off("data", onData).off("end", onEnd).off("close", onClose);
    if (state === "open") request.resume();
  }
}
