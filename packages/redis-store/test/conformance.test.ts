import { describeStore } from "@partwise/testkit/vitest";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, expect, it } from "vitest";
import { startProxy } from "./helpers/proxy.js";
import { redisForTests } from "./helpers/redis-server.js";
import { subjectOn } from "./helpers/subject.js";

const server = await redisForTests();
const admin = new Redis(server.url);
afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

/** Every case has a way of its own to the server, so that it can be cut off alone. */
async function subject(connect: (url: string) => Promise<[object, () => void]>) {
  const proxy = await startProxy(server);
  const url = new URL(server.url);
  url.host = `127.0.0.1:${proxy.port}`;
  const [options, disconnect] = await connect(url.href);
  return subjectOn(admin, options, {
    outage: () => proxy.cut(),
    async close() {
      disconnect();
      await proxy.close();
    },
  });
}

const byUrl = () => subject(async (url) => [{ url }, () => {}]);

const byIoredis = () =>
  subject(async (url) => {
    const client = new Redis(url, { retryStrategy: () => 50 });
    client.on("error", () => {});
    return [{ client }, () => client.disconnect()];
  });

const byNodeRedis = () =>
  subject(async (url) => {
    const client = createClient({ url, socket: { reconnectStrategy: () => 50 } });
    client.on("error", () => {});
    await client.connect();
    return [{ client }, () => client.destroy()];
  });

describeStore("redis store by URL", byUrl, { concurrent: true });
describeStore("redis store on ioredis", byIoredis, { concurrent: true });
describeStore("redis store on node-redis", byNodeRedis, { concurrent: true });

it("lets a lease expire by the server's clock", async () => {
  // The cases above age what is kept instead of waiting; this one waits.
  const { open, close } = subjectOn(admin, { url: server.url });
  const [journal, other] = [await (await open()).open("a"), await (await open()).open("a")];
  const lease = await journal.lease("transfer", 1_000);
  await expect(other.lease("transfer", 1_000)).rejects.toMatchObject({ code: "lease-held" });
  await new Promise((resolve) => setTimeout(resolve, 1_010));
  await expect(journal.append([1], lease)).rejects.toMatchObject({ code: "lease-lost" });
  await (await other.lease("transfer", 1_000)).release();
  await close?.();
});
