import { seededRandom } from "@partwise/testkit";
import { expect, test } from "vitest";
import { bytesOf, sameBytes } from "./helpers/data.js";
import { makeWorld, transfersOf, uploadOf } from "./helpers/world.js";

const data = bytesOf(20_500, 6);

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "a session that vanishes under a crew is replaced once, by one of them (%i)",
  async (seed) => {
    const world = makeWorld({ shared: true, seed });
    const { clock, remote } = world;
    const upload = uploadOf(world, data, { crew: true });
    const members = Array.from({ length: 3 }, () => upload(transfersOf(world)));
    const vanish = async () => {
      await clock.sleep(seededRandom(seed).below(300));
      for (const session of remote.sessions.values()) {
        session.state = "aborted";
        session.parts.clear();
      }
    };
    await clock.run(Promise.all([...members, vanish()]), { within: 60_000 });
    expect(sameBytes(remote.objects.get("k")?.bytes, data)).toBe(true);
    const done = (verb: string) => remote.applied.filter((each) => each.verb === verb).length;
    expect([done("openSession"), done("completeSession")]).toEqual([2, 1]);
    // The old one may hold parts that landed after its end; the new one is nobody's to abort.
    const aborted = remote.applied.filter((each) => each.verb === "abortSession");
    expect(aborted.every((each) => each.session === "session-1")).toBe(true);
  },
);
