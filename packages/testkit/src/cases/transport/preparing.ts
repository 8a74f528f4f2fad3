import type { JsonValue, ObjectOptions, Transport } from "@partwise/core/contract";
import { ensure, equal, isOneOf, refused } from "../check.js";
import { bodyOf, textBytes } from "./bodies.js";
import { begin, checkObject } from "./steps.js";
import { calmly, type TransportCase } from "./subject.js";

/** What these options would fix, or `undefined` when the transport says that it does not know them. */
function fixedBy(transport: Transport, key: string, options: ObjectOptions): JsonValue | undefined {
  try {
    return transport.prepare({ key, options });
  } catch (error) {
    if (isOneOf(error, "unsupported", "invalid-options")) return undefined;
    throw error;
  }
}

/** Cases about keys and options, before anything is sent. */
export const preparingCases: readonly TransportCase[] = [
  {
    name: "a key that no remote would take is refused before anything is sent",
    prevents: "a hundred gigabytes sent, and refused at the end",
    async run(subject) {
      const transport = await subject.transport();
      for (const key of ["", "x".repeat(5_000)]) {
        const prepare = async () => transport.prepare({ key });
        await refused(prepare, "invalid-options", `a key of ${key.length} letters`);
      }
    },
  },
  {
    name: "equal options fix the same, other metadata or another type something else",
    prevents: "a session continued with another caller's metadata, or thrown away for no reason",
    async run(subject) {
      const transport = await subject.transport();
      const key = subject.key("prepared");
      const fixed = (options: ObjectOptions) => transport.prepare({ key, options });
      const base = fixed({ contentType: "text/plain", metadata: { a: "1", b: "2" } });
      equal(fixed({ metadata: { b: "2", a: "1" }, contentType: "text/plain" }), base, "in another order");
      equal(JSON.parse(JSON.stringify(base)), base, "after a journey through JSON");
      equal(transport.prepare({ key, options: {} }), transport.prepare({ key }), "of no options");
      for (const other of [
        { contentType: "text/html", metadata: { a: "1", b: "2" } },
        { contentType: "text/plain", metadata: { a: "1", b: "3" } },
        { contentType: "text/plain", metadata: { a: "1" } },
        { contentType: "text/plain" },
        {},
      ]) {
        const same = JSON.stringify(fixed(other)) === JSON.stringify(base);
        ensure(!same, `${JSON.stringify(other)} fixes the same as the first options`);
      }
    },
  },
  {
    name: "options of the completing request fix nothing",
    prevents: "a resumed transfer that begins anew because its callback or its ACL is another",
    async run(subject) {
      const transport = await subject.transport();
      const key = subject.key("unfixed");
      const none = transport.prepare({ key });
      const callback = { url: "http://127.0.0.1:9/callback", body: "key=value" };
      const options: readonly ObjectOptions[] = [
        { ifAbsent: true },
        { acl: "private" },
        { callback },
        { trafficLimit: 819_200 },
      ];
      for (const each of options) {
        const fixed = fixedBy(transport, key, each);
        if (fixed !== undefined) equal(fixed, none, `fixed by ${JSON.stringify(each)}`);
      }
    },
  },
  {
    name: "a header that the adapter does not know is refused",
    prevents: "an option that the user believes in and nobody sends",
    async run(subject) {
      const transport = await subject.transport();
      const options = { headers: { "x-nobody-knows-this": "1" } };
      const prepare = async () => transport.prepare({ key: subject.key("header"), options });
      await refused(prepare, ["unsupported", "invalid-options"], "preparing");
    },
  },
  {
    name: "type and metadata are taken, with objects and with sessions",
    prevents: "a header on the wrong request, which the remote refuses",
    async run(subject) {
      const options: ObjectOptions = {
        contentType: "text/plain; charset=utf-8",
        cacheControl: "max-age=60",
        contentDisposition: 'attachment; filename="a b.txt"',
        metadata: { owner: "kit", "a-b": "1 2" },
      };
      const { transport, key } = await begin(subject, "options");
      await transport.putObject({ key, body: bodyOf(textBytes("put")), options }, calmly());
      await checkObject(transport, key, textBytes("put"));
      const { session } = await transport.openSession({ key, options }, calmly());
      const body = bodyOf(textBytes("part"));
      const { receipt } = await transport.putPart({ session, number: 1, body, options }, calmly());
      const done = { session, parts: [receipt], options };
      await transport.completeSession(done, calmly());
      await checkObject(transport, key, textBytes("part"));
    },
  },
  {
    name: "the transport's id, limits and place do not change, and hold no secret",
    prevents: "a transfer that loses its journal because its destination is named another way",
    async run(subject) {
      const [one, other] = [await subject.transport(), await subject.transport()];
      const key = subject.key("place");
      equal(one.id, other.id, "id");
      equal([one.limits, one.abilities], [other.limits, other.abilities], "limits and abilities");
      const { partSize, parts, putObject } = one.limits;
      ensure(partSize.min >= 1 && partSize.max >= partSize.min, "part sizes are no range");
      ensure(parts >= 1 && putObject >= 1, "no parts, or no objects");
      ensure(one.locate(key).includes(key), `${one.locate(key)} does not show the key`);
      for (const secret of subject.secrets ?? []) {
        ensure(!`${one.id} ${one.locate(key)}`.includes(secret), "a secret in id or place");
      }
    },
  },
];
