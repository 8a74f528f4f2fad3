import { beginLife, crc64, type Death } from "@partwise/testkit";
import { bytesOf, sameBytes } from "./data.js";
import { leaseTtl, makeWorld, partSize, readJournal, transfersOf, uploadOf } from "./world.js";

const data = bytesOf(4_500, 5);

/** Parts that one member sends at once. */
const hands = 2;

/** How a history of two members ended, of whom one may have died. */
export interface CrewHistory {
  readonly died: { readonly effect: string; readonly side: Death["side"] } | undefined;
  readonly effects: readonly string[];
  readonly orphans: number;
  readonly received: number;
}

/** Two members; the first dies, the second goes on and resolves. Nobody begins anew. */
export async function runCrew(death?: Death): Promise<CrewHistory> {
  const world = makeWorld({ shared: true });
  const { clock, remote } = world;
  const id = await transfersOf(world).idOf("k");
  const life = beginLife(death);
  const upload = uploadOf(world, data, { crew: true });
  const mortal = life.until(upload(transfersOf(world, life)));
  const survivor = upload(transfersOf(world));
  const [end, result] = await clock.run(Promise.all([mortal, survivor]));

  const demand = (held: boolean, what: string) => {
    if (!held) throw new Error(`broken: ${what}`);
  };
  demand(sameBytes(remote.objects.get("k")?.bytes, data), "the object is the source");
  demand(result.checksum?.value === crc64(data), "the survivor's checksum is the source's");
  if (!end.died) demand(end.value.tag === result.tag, "both members resolve with the same object");
  const journal = await readJournal(world.store, id);
  demand(journal.types.join() === "sealed", `the journal holds ${journal.types.join() || "nothing"}`);
  const left = remote.leftovers();
  demand(left.length <= (end.died ? 1 : 0), "one death leaves one empty session at most");
  demand(
    left.every((session) => session.parts.size === 0),
    "no part is left in a session",
  );
  const done = (verb: string) => remote.applied.filter((each) => each.verb === verb).length;
  demand(done("completeSession") === 1, "completed once");
  demand(done("abortSession") === 0, "no session was aborted");
  demand(done("openSession") === 1 + left.length, "no session was opened without need");
  demand(
    remote.received <= data.length + (end.died ? hands * partSize : 0),
    "bytes wasted are what was under way",
  );
  await clock.advance(leaseTtl + 1);
  demand((await readJournal(world.store, id)).leases.length === 0, "no lease is left");
  await clock.advance(3_600_000);
  demand(clock.sleepers === 0, "no timer is left");
  return {
    died: end.died ? { effect: end.at.name, side: end.side } : undefined,
    effects: life.effects.map((effect) => effect.name),
    orphans: left.length,
    received: remote.received,
  };
}
