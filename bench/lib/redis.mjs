// A Redis of our own on a free port, when the machine has one.
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { start } from "./exec.mjs";

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const answers = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    socket.once("data", () => resolve(true)).once("error", () => resolve(false));
    socket.once("data", () => socket.destroy());
  });

/** `{ port, stop }`, or `undefined` when there is no `redis-server`. Nothing of it is saved. */
export async function startRedis(folder) {
  const port = await freePort();
  const flags = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder];
  const child = start("redis-server", flags.map(String), { timeout: 2 ** 31 - 1 });
  let over = false;
  child.ended.then(() => {
    over = true;
  });
  while (!over && !(await answers(port))) await sleep(20);
  if (over) return undefined;
  return {
    port,
    async stop() {
      child.kill("SIGTERM");
      await child.ended;
    },
  };
}
