import type { ServerResponse } from "node:http";
import type { PartsPage } from "@partwise/core/contract";
import { afterEach, describe, expect, it } from "vitest";
import { bodyOf, calm, errorOf, textBody, textOf } from "./support/bodies.js";
import { type Scripted, scripted } from "./support/scripted.js";

let remote: Scripted | undefined;
afterEach(() => remote?.close());

async function answering(...args: Parameters<typeof scripted>): Promise<Scripted> {
  remote = await scripted(...args);
  return remote;
}

const session = { key: "k", id: "ID" };
const parts = [{ number: 1, size: 4, tag: "A" }];
const xml = (text: string) => (_: unknown, response: ServerResponse) => {
  response.writeHead(200, { "content-type": "application/xml" }).end(text);
};

async function all(pages: AsyncIterable<PartsPage>): Promise<number[]> {
  const numbers: number[] = [];
  for await (const page of pages) numbers.push(...page.parts.map(({ number }) => number));
  return numbers;
}

function page(numbers: readonly number[], next: number | "", truncated: boolean): string {
  const items = numbers.map(
    (n) => `<Part><PartNumber>${n}</PartNumber><ETag>"A"</ETag><Size>1</Size></Part>`,
  );
  return `<ListPartsResult><NextPartNumberMarker>${next}</NextPartNumberMarker><IsTruncated>${truncated}</IsTruncated>${items.join("")}</ListPartsResult>`;
}

describe("listings", () => {
  it("ask for page after page, from any number on", async () => {
    const { transport, requests } = await answering((_, response, count) =>
      response.end(count === 1 ? page([4, 5], 5, true) : page([6], 6, false)),
    );
    expect(await all(transport.listParts({ session, after: 3 }, calm))).toEqual([4, 5, 6]);
    expect(requests).toEqual([
      "GET /demo/k?encoding-type=url&max-parts=1000&part-number-marker=3&uploadId=ID",
      "GET /demo/k?encoding-type=url&max-parts=1000&part-number-marker=5&uploadId=ID",
    ]);
  });

  it.each([
    ["stands still", page([1], 0, true)],
    ["names no next page", page([1], "", true)],
    ["repeats parts", page([1, 1], 1, false)],
    ["goes backwards", page([2, 1], 2, false)],
    ["is a web page", "<html><body>Log in to the hotel's network</body></html>"],
    ["is cut", page([1], 1, false).slice(0, -9)],
    ["is empty", ""],
  ])("are given up when one %s", async (_name, text) => {
    const { transport } = await answering(xml(text));
    const error = await errorOf(all(transport.listParts({ session }, calm)));
    expect(error).toMatchObject({ code: "rejected", outcome: "not-applied", retryable: false });
  });

  it("of sessions are given up when they stand still", async () => {
    const text =
      "<ListMultipartUploadsResult><NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>I</NextUploadIdMarker><IsTruncated>true</IsTruncated></ListMultipartUploadsResult>";
    const { transport, requests } = await answering(xml(text));
    const work = (async () => {
      for await (const _ of transport.listSessions({}, calm));
    })();
    expect(await errorOf(work)).toMatchObject({ code: "rejected" });
    expect(requests).toHaveLength(2);
  });
});

describe("answers that are too long", () => {
  it("are not read to their end", async () => {
    const { transport } = await answering((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 97)));
      };
      response.writeHead(200).on("drain", more);
      more();
    });
    expect(await errorOf(all(transport.listParts({ session }, calm)))).toMatchObject({ code: "rejected" });
  });

  it("are judged by their status when they are errors", async () => {
    const { transport } = await answering((_, response) => {
      response.writeHead(503).end(Buffer.alloc(1_000_000, 97));
    });
    expect(await errorOf(all(transport.listParts({ session }, calm)))).toMatchObject({ code: "unavailable" });
  });
});

describe("completing", () => {
  const complete = () =>
    errorOf(remote?.transport.completeSession({ session, parts }, calm) ?? Promise.resolve());

  it("takes an error in a 200 for what it is", async () => {
    await answering(xml("<Error><Code>InvalidPart</Code><Message>m</Message></Error>"));
    expect(await complete()).toMatchObject({ code: "part-refused", outcome: "not-applied" });
  });

  it("is unknown when the answer is cut, or makes no sense", async () => {
    await answering((_, response) => {
      response.writeHead(200, { "content-length": "1000", etag: '"A"' }).write("<Comp");
      setImmediate(() => response.destroy());
    });
    expect(await complete()).toMatchObject({ code: "unavailable", outcome: "unknown" });
    await remote?.close();
    await answering(xml("<html>OK</html>"));
    expect(await complete()).toMatchObject({ code: "rejected", outcome: "unknown" });
  });

  it("sends nothing for a list that cannot be right", async () => {
    const { transport, requests } = await answering(xml(""));
    for (const list of [
      [],
      [...parts, ...parts],
      [{ ...parts[0], number: 0 }],
      [{ ...parts[0], number: 1.5 }],
    ]) {
      const work = transport.completeSession({ session, parts: list as typeof parts }, calm);
      expect(await errorOf(work)).toMatchObject({ code: "invalid-options" });
    }
    expect(requests).toEqual([]);
  });
});

describe("sending", () => {
  it("does not believe a yes that comes before the body", async () => {
    const { transport } = await answering((_, response) => response.writeHead(200, { etag: '"A"' }).end());
    const body = {
      ...bodyOf(new Uint8Array(0)),
      size: 200_000,
      async *open({ signal }: { signal?: AbortSignal } = {}) {
        yield new Uint8Array(100_000);
        await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
      },
    };
    const error = await errorOf(transport.putPart({ session, number: 1, body }, calm));
    expect(error).toMatchObject({ code: "unavailable", outcome: "unknown" });
  });

  it("wants a tag in the answer", async () => {
    const { transport } = await answering((_, response) => response.writeHead(200).end());
    const error = await errorOf(transport.putPart({ session, number: 1, body: textBody("x") }, calm));
    expect(error).toMatchObject({ code: "rejected", outcome: "unknown" });
  });

  it("is denied, not repeated elsewhere, when it is redirected", async () => {
    const { transport, requests } = await answering((_, response) =>
      response.writeHead(307, { location: "http://127.0.0.1:1/evil" }).end(),
    );
    const error = await errorOf(transport.putObject({ key: "k", body: textBody("x") }, calm));
    expect(error).toMatchObject({ code: "rejected", retryable: false });
    expect(requests).toHaveLength(1);
  });
});

describe("finding", () => {
  it("reads the error that a HEAD carries in a header", async () => {
    const document = "<Error><Code>NoSuchBucket</Code><Message>m</Message></Error>";
    const { transport } = await answering((_, response) =>
      response.writeHead(404, { "x-oss-err": Buffer.from(document).toString("base64") }).end(),
    );
    expect(await errorOf(transport.findObject({ key: "k" }, calm))).toMatchObject({
      code: "not-found",
      details: { providerCode: "NoSuchBucket" },
    });
  });

  it("says that write-only credentials cannot look", async () => {
    const { transport } = await answering((_, response) => response.writeHead(403).end());
    const error = await errorOf(transport.findObject({ key: "k" }, calm));
    expect(error).toMatchObject({ code: "denied" });
    expect(String(error)).toContain("may only write");
  });
});

describe("reading a range", () => {
  const range = { start: 2, end: 4 };
  const read = async () => {
    const answer = await remote?.transport.readRange({ key: "k", range }, calm);
    return answer === undefined ? "" : textOf(answer.body);
  };

  it.each<[string, number, Record<string, string>, string]>([
    ["is the whole object instead", 200, { "content-length": "10" }, "0123456789"],
    ["begins elsewhere", 206, { "content-range": "bytes 0-1/10" }, "01"],
    ["is shorter than asked for", 206, { "content-range": "bytes 2-2/10" }, "2"],
    ["is longer than asked for", 206, { "content-range": "bytes 2-4/10" }, "234"],
    ["does not say where it is", 206, {}, "23"],
    ["has fewer bytes than it says", 206, { "content-range": "bytes 2-3/10" }, "2"],
    ["has no tag", 206, { "content-range": "bytes 2-3/10", etag: "" }, "23"],
  ])("fails when the answer %s", async (_name, status, headers, text) => {
    await answering((_, response) => response.writeHead(status, { etag: '"A"', ...headers }).end(text));
    expect(await errorOf(read())).toMatchObject({ name: "TransferError", outcome: "not-applied" });
  });

  it("gives what it says", async () => {
    await answering((request, response) => {
      expect(request.headers).toMatchObject({ range: "bytes=2-3", "x-oss-range-behavior": "standard" });
      response.writeHead(206, { etag: '"A"', "content-range": "bytes 2-3/10" }).end("23");
    });
    expect(await read()).toBe("23");
  });
});

describe("credentials that are missing", () => {
  it("are asked for by name, at the first call", async () => {
    const { OSS_ACCESS_KEY_ID: id, OSS_ACCESS_KEY_SECRET: secret } = process.env;
    delete process.env.OSS_ACCESS_KEY_ID;
    delete process.env.OSS_ACCESS_KEY_SECRET;
    try {
      const { transport, requests } = await answering(xml(""));
      const { ossTransport } = await import("../src/index.js");
      const lacking = ossTransport({ bucket: "demo", endpoint: transport.endpoint, region: "r1" });
      const error = await errorOf(lacking.findObject({ key: "k" }, calm));
      expect(error).toMatchObject({ code: "invalid-options" });
      expect(String(error)).toContain("set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET");
      expect(requests).toEqual([]);
    } finally {
      if (id !== undefined) process.env.OSS_ACCESS_KEY_ID = id;
      if (secret !== undefined) process.env.OSS_ACCESS_KEY_SECRET = secret;
    }
  });
});
