import type { Answer, Transport } from "../contracts/transport.js";
import { wrap } from "./wrap.js";

/** Shows every answer to `note` on its way. */
export function observe(note: (answer: Answer) => void): (inner: Transport) => Transport {
  const noted = async <A extends Answer | undefined>(answer: Promise<A>): Promise<A> => {
    const known = await answer;
    if (known) note(known);
    return known;
  };
  return (inner) =>
    wrap(inner, {
      putObject: (request, call) => noted(inner.putObject(request, call)),
      openSession: (request, call) => noted(inner.openSession(request, call)),
      putPart: (request, call) => noted(inner.putPart(request, call)),
      completeSession: (request, call) => noted(inner.completeSession(request, call)),
      abortSession: (request, call) => noted(inner.abortSession(request, call)),
      findObject: (request, call) => noted(inner.findObject(request, call)),
      copyPart: (request, call) => noted(inner.copyPart(request, call)),
      async *listParts(request, call) {
        for await (const page of inner.listParts(request, call)) {
          note(page);
          yield page;
        }
      },
    });
}
