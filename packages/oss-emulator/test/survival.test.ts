import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OssEmulator, startOssEmulator } from "../src/index.js";
import { call, complete, initiate, pattern, putPart } from "./client.js";
import { buildCommand, startCommand } from "./process.js";

let command: Awaited<ReturnType<typeof buildCommand>>;
let folder: string;
beforeAll(async () => {
  command = await buildCommand();
  folder = await mkdtemp(join(tmpdir(), "survival-"));
});
afterAll(async () => {
  await command.remove();
  await rm(folder, { recursive: true, force: true });
});

describe("the command", () => {
  it("keeps every acknowledged part and object when it is killed", async () => {
    const directory = join(folder, "killed");
    const first = await startCommand(command.path, ["--port", "0", "--dir", directory]);
    const there = { port: first.port, region: "cn-hangzhou" } as OssEmulator;
    const small = pattern(102_400);
    const large = pattern(900_000, 2);
    const uploadId = await initiate(there, "big", { "x-oss-meta-a": "b" });
    await call(there, { method: "PUT", bucket: "demo", key: "whole", body: "whole" });
    const acknowledged = new Map<number, string>();
    const senders = [0, 1, 2].map(async (sender) => {
      for (let number = sender + 1; ; number += 3) {
        const sent = await putPart(there, "big", uploadId, number, number % 5 === 0 ? large : small).catch(
          () => undefined,
        );
        if (!sent) return;
        acknowledged.set(number, sent.headers.etag!);
        if (acknowledged.size >= 40) first.child.kill("SIGKILL");
      }
    });
    await Promise.all(senders);
    await first.ended;
    // What a kill in the middle of a write leaves behind.
    const blob = join(directory, "demo/blobs", uploadId);
    await appendFile(join(blob, "pack"), "half a part");
    await appendFile(join(blob, "pack.log"), '{"number":9999,"si');
    await writeFile(join(directory, "demo/tmp/left over"), "x");

    const second = await startOssEmulator({ directory });
    try {
      const [session] = second.sessions("demo");
      const found = new Map(session!.parts.map((part) => [part.partNumber, `"${part.etag}"`]));
      for (const [number, etag] of acknowledged) expect(found.get(number)).toBe(etag);
      expect(found.has(9999)).toBe(false);
      expect(await readFile((await second.getObject("demo", "whole"))!.path, "utf8")).toBe("whole");
      expect(await readdir(join(directory, "demo/tmp"))).toEqual([]);
      const numbers = [...acknowledged.keys()].sort((a, b) => a - b);
      expect((await putPart(second, "big", uploadId, 9000, "after the kill")).status).toBe(200);
      const done = await complete(second, "big", uploadId, [], { "x-oss-complete-all": "yes" });
      expect(done.status).toBe(200);
      const stored = await second.getObject("demo", "big");
      const expected = [...found.keys()]
        .sort((a, b) => a - b)
        .map((number) => (number % 5 === 0 ? large : small));
      expect(numbers.length).toBeGreaterThanOrEqual(40);
      expect(stored?.headers["x-oss-meta-a"]).toBe("b");
      const bytes = await readFile(stored!.path);
      expect(bytes.equals(Buffer.concat([...expected, Buffer.from("after the kill")]))).toBe(true);
    } finally {
      await second.close();
    }
    const third = await startOssEmulator({ directory });
    expect(third.sessions()).toEqual([]);
    expect(third.keys("demo")).toEqual(["big", "whole"]);
    await third.close();
  });

  it("finishes a Complete that was cut off after its commit, and forgets blobs that nobody owns", async () => {
    const directory = join(folder, "cut");
    const first = await startOssEmulator({ directory });
    await first.putObjectDirect("demo", "done", "bytes");
    await first.close();
    const [blob] = await readdir(join(directory, "demo/blobs"));
    const mark = { uploadId: blob, key: "done", initiated: 1, headers: {}, sequential: false };
    await writeFile(join(directory, "demo/blobs", blob!, "session.json"), JSON.stringify(mark));
    const second = await startOssEmulator({ directory });
    expect(second.sessions()).toEqual([]);
    expect(await readdir(join(directory, "demo/blobs"))).toEqual([blob]);
    expect((await second.getObject("demo", "done"))?.size).toBe(5);
    await second.deleteObjectDirect("demo", "done");
    await second.close();
    expect(await readdir(join(directory, "demo/blobs"))).toEqual([]);
  });

  it("says where it listens, takes other names, and stops when asked", async () => {
    const args = ["--port", "0", "--bucket", "one-1", "--bucket", "two-2", "--region", "cn-beijing"];
    const keys = ["--access-key-id", "me", "--access-key-secret", "mine"];
    const started = await startCommand(command.path, [...args, ...keys]);
    const there = { port: started.port, region: "cn-beijing" } as OssEmulator;
    const credentials = { accessKeyId: "me", accessKeySecret: "mine" };
    const put = await call(there, { method: "PUT", bucket: "two-2", key: "k", body: "x", credentials });
    expect(put.status).toBe(200);
    started.child.kill("SIGTERM");
    expect(await started.ended).toBe(0);
    expect(started.errors()).toBe("");
  });

  it.each([
    [["--port", "many"], "--port must be"],
    [["--bucket", "X"], "no bucket name"],
    [["--access-key-id", "a"], "go together"],
    [["--what"], "--help"],
  ])("refuses %j in one line", async (args, message) => {
    const started = await startCommand(command.path, args);
    expect(await started.ended).toBe(1);
    expect(started.errors()).toContain(message);
    expect(started.errors().trim().split("\n")).toHaveLength(1);
  });
});
