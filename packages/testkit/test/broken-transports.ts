import type { Transport } from "@partwise/core/contract";
import { aroundTransport } from "../src/around/transport.js";
import { CaseFailure } from "../src/cases/check.js";
import { corruptBody } from "../src/faults/bodies.js";
import { readBody } from "../src/model/read-body.js";
import { modelRemote } from "../src/model/remote.js";
import type { ModelRemote } from "../src/model/state.js";

/** A model transport, changed by `spoil`. */
export function transportSubject(spoil: (transport: Transport, remote: ModelRemote) => Partial<Transport>) {
  const remote = modelRemote({ pageSize: 3 });
  const transport = remote.transport();
  const broken = { ...transport, ...spoil(transport, remote) };
  return { transport: async () => broken, key: (name: string) => name, pageSize: 3 };
}

async function* firstOf<T>(pages: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const page of pages) {
    yield page;
    return;
  }
}

/** What is wrong, the case that must find it, what it says, and the transport. */
export const brokenTransports: readonly (readonly [
  string,
  string,
  string,
  (transport: Transport, remote: ModelRemote) => Partial<Transport>,
])[] = [
  [
    "lists the first page only",
    "parts are listed to the last page, and from any number on",
    "numbers listed: wanted [1,2,3,4,5,6,7], found [1,2,3]",
    (transport) => ({ listParts: (request, call) => firstOf(transport.listParts(request, call)) }),
  ],
  [
    "lists the first page of sessions only",
    "sessions are listed to the last page",
    "ids listed",
    (transport) => ({ listSessions: (request, call) => firstOf(transport.listSessions(request, call)) }),
  ],
  [
    "completes twice",
    "a completed session is gone",
    "completing a session that is gone: wanted session-gone, but it succeeded",
    (transport) => ({
      completeSession: async (request, call) => {
        const found = await transport.findObject({ key: request.session.key }, call);
        return found ?? transport.completeSession(request, call);
      },
    }),
  ],
  [
    "completes with all there is",
    "completing takes the list it is given, never all there is",
    "key and size found",
    (transport) => ({
      completeSession: async (request, call) => {
        const parts = [];
        for await (const page of transport.listParts(request, call)) parts.push(...page.parts);
        return transport.completeSession({ ...request, parts }, call);
      },
    }),
  ],
  [
    "complains when a session is aborted twice",
    "an aborted session is gone, and aborting again is quiet",
    "NoSuchUpload",
    (transport, remote) => ({
      abortSession: async (request, call) => {
        if (remote.sessions.get(request.session.id)?.state !== "open") {
          throw new CaseFailure("NoSuchUpload");
        }
        return transport.abortSession(request, call);
      },
    }),
  ],
  [
    "sends what it buffered too late",
    "a chunk is used before the next but one is asked for",
    "checksum of part",
    (transport) =>
      aroundTransport(transport, (call, run) => {
        const { body } = call;
        if (body === undefined) return run();
        return run({
          body: {
            ...body,
            size: body.size,
            async *open(options) {
              const held: Uint8Array[] = [];
              for await (const chunk of body.open(options)) {
                held.push(chunk);
                if (held.length === 3) yield held.shift() as Uint8Array;
              }
              yield* held;
            },
          },
        });
      }),
  ],
  [
    "damages bytes",
    "an object that was put is found and read as it is",
    "checksum in the answer",
    (transport) =>
      aroundTransport(transport, ({ body }, run) => (body ? run({ body: corruptBody(body, 0.5) }) : run())),
  ],
  [
    "fills up a short body",
    "a body that ends too early stores nothing",
    "a short part: wanted source-changed",
    (transport) =>
      aroundTransport(transport, ({ body }, run) =>
        body === undefined
          ? run()
          : run({
              body: {
                ...body,
                size: body.size,
                async *open() {
                  let size = 0;
                  for await (const chunk of body.open()) {
                    size += chunk.length;
                    yield chunk;
                  }
                  yield new Uint8Array(body.size - size);
                },
              },
            }),
      ),
  ],
  [
    "reads the body twice",
    "a body may be opened again for another attempt, and is read once for each",
    "for 1 attempts: wanted 1, found 2",
    (transport) =>
      aroundTransport(transport, async ({ body, signal }, run) => {
        if (body !== undefined) await readBody(body, signal);
        return run();
      }),
  ],
  [
    "keeps the reader of a broken attempt",
    "an abort while the body is sent ends the call soon and frees the reader",
    "the reader was not freed",
    (transport) =>
      aroundTransport(transport, async ({ body }, run) => {
        if (body === undefined) return run();
        await body.open()[Symbol.asyncIterator]().next();
        return run();
      }),
  ],
  [
    "ignores the signal",
    "a call whose signal was aborted before does nothing",
    "putObject succeeded",
    (transport) => aroundTransport(transport, (_, run) => run({ signal: new AbortController().signal })),
  ],
  [
    "decodes plus signs",
    "keys arrive letter by letter, for objects and for sessions",
    '"a+b&c=d" is not there',
    (transport) => ({
      putObject: (request, call) =>
        transport.putObject({ ...request, key: request.key.replaceAll("+", " ") }, call),
    }),
  ],
  [
    "answers an impossible range with what there is",
    "a range that is not in the object is refused",
    "bytes 1000 to 1001 of 1000: wanted an error, but it succeeded",
    (transport) => ({
      readRange: ({ range, ...request }, call) => transport.readRange(request, call),
    }),
  ],
  [
    "forgets metadata in what it prepares",
    "equal options fix the same, other metadata or another type something else",
    "fixes the same as the first options",
    (transport) => ({
      prepare: ({ key, options: { metadata, ...options } = {} }) => transport.prepare({ key, options }),
    }),
  ],
  [
    "checks ifAbsent only in the beginning",
    "ifAbsent refuses at the moment of completing, though nothing was there when the session began",
    "completing: wanted already-exists, but it succeeded",
    (transport) => ({
      completeSession: ({ options, ...request }, call) => transport.completeSession(request, call),
    }),
  ],
];
