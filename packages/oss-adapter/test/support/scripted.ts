import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type OssTransport, type OssTransportOptions, ossTransport } from "../../src/index.js";

/** A remote that answers as the test says, right or wrong, and a transport to it. */
export interface Scripted {
  readonly transport: OssTransport;
  /** Request targets in order of arrival. */
  readonly requests: string[];
  close(): Promise<void>;
}

export async function scripted(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
  options: Partial<OssTransportOptions> = {},
): Promise<Scripted> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    request.resume();
    answer(request, response, requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const transport = ossTransport({
    bucket: "demo",
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "r1",
    credentials: { accessKeyId: "id", accessKeySecret: "hush-secret" },
    ...options,
  });
  return {
    transport,
    requests,
    close: async () => {
      await transport.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
