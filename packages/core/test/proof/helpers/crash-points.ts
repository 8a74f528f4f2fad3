import { beginLife, crc64, type Death, type Life } from "@partwise/testkit";
import { sameBytes } from "./data.js";
import { Disk } from "./disk.js";
import type { Scenario } from "./scenarios.js";
import { leaseTtl, makeWorld, partSize, readJournal, transfersOf, type World } from "./world.js";

/** Parts under way at once in these stories: what one death may cost. */
const handsOf = 2;

/** Where journals lie: in memory that outlives the process, or on a disk whose power fails with it. */
export type Ground = "memory" | "disk";

/** How one history with deaths ended. */
export interface History {
  /** What the process was about to do, or had done, at each death. */
  readonly deaths: readonly { readonly effect: string; readonly side: Death["side"] }[];
  /** Effects of the first life. */
  readonly effects: readonly string[];
  /** Effects of the last life, which did not die. */
  readonly later: readonly string[];
  /** How the last run ended. */
  readonly outcome: "sent" | "proven" | "found" | "discarded";
  /** Empty sessions that no journal names: rule 1. */
  readonly orphans: number;
  readonly sessions: number;
  /** Bytes that reached the remote. */
  readonly received: number;
}

/** Deaths before and after every effect of a clean run. Calls to the disk are seams by themselves, before and after. */
export function deathsOf(effects: readonly string[]): Death[] {
  return effects.flatMap((name, index) => {
    const at = index + 1;
    return name.startsWith("disk.")
      ? [{ at, side: "before" as const }]
      : [
          { at, side: "before" as const },
          { at, side: "after" as const },
        ];
  });
}

/**
 * Runs a story with one life for each death and a last one without, and demands what the rules promise.
 * @param clean The same story without deaths, to compare with.
 */
export async function runHistory(
  scenario: Scenario,
  ground: Ground,
  deaths: readonly Death[] = [],
  clean?: History,
  seed?: number,
): Promise<History> {
  const world = makeWorld();
  const disk = ground === "disk" ? new Disk(world.clock) : undefined;
  if (disk) world.store = disk.store();
  const id = await transfersOf(world).idOf("k");
  await scenario.before?.(world);

  const orphans = new Set<string>();
  const died: { effect: string; side: Death["side"] }[] = [];
  const lives: Life[] = [];
  for (const death of deaths) {
    const life = beginLife(death);
    lives.push(life);
    const end = await liveOnce(world, scenario, life, disk);
    if (!end.died) return settle(world, scenario, id, end.value, { died, orphans, lives, clean, disk });
    died.push({ effect: end.at.name, side: end.side });
    disk?.powerLoss(seed);
    if (disk) world.store = disk.store();
    for (const session of await unnamed(world, id, orphans)) orphans.add(session);
    // Leases of the dead expire by the clock; on a disk the next boot knows that their process is gone.
    if (!disk) await world.clock.advance(leaseTtl + 1);
  }
  const last = beginLife();
  lives.push(last);
  const end = await liveOnce(world, scenario, last, disk);
  if (end.died) throw new Error("a life without a death has died");
  return settle(world, scenario, id, end.value, { died, orphans, lives, clean, disk });
}

async function liveOnce(world: World, scenario: Scenario, life: Life, disk: Disk | undefined) {
  if (disk) world.store = disk.store(life);
  return world.clock.run(life.until(scenario.work(world)(transfersOf(world, life))));
}

interface Behind {
  readonly died: History["deaths"];
  readonly orphans: ReadonlySet<string>;
  readonly lives: readonly Life[];
  readonly clean: History | undefined;
  readonly disk: Disk | undefined;
}

/** Sessions at the remote that the journal, as the dead process left it, does not name. */
async function unnamed(world: World, id: string, before: ReadonlySet<string>): Promise<string[]> {
  const { types, named, receipts } = await readJournal(world.store, id);
  for (const { session, number, tag } of receipts) {
    const there = world.remote.applied.some(
      (done) =>
        done.verb === "putPart" && done.session === session && done.number === number && done.tag === tag,
    );
    demand(there, `the receipt of part ${number} is older than the part`);
  }
  const found = world.remote
    .leftovers()
    .filter((session) => !named.has(session.id) && !before.has(session.id));
  if (found.length > 0) {
    demand(
      types.lastIndexOf("planned") > types.lastIndexOf("opened"),
      "a session is lost though nothing was planned",
    );
  }
  return found.map((session) => session.id);
}

async function settle(
  world: World,
  scenario: Scenario,
  id: string,
  result: Awaited<ReturnType<ReturnType<Scenario["work"]>>>,
  { died, orphans, lives, clean, disk }: Behind,
): Promise<History> {
  const { remote } = world;
  const { data } = scenario;
  if (data) {
    const object = remote.objects.get("k");
    demand(sameBytes(object?.bytes, data), "the object is the source");
    demand(result?.checksum?.value === crc64(data), "the result's checksum is the source's");
    demand(object?.checksum.value === crc64(data), "the remote's checksum is the source's");
  }
  const journal = await readJournal(disk ? disk.store() : world.store, id);
  const types = data && !scenario.small ? "sealed" : "";
  demand(
    journal.types.join() === types,
    `the journal holds ${journal.types.join() || "nothing"}, not ${types}`,
  );
  demand(journal.leases.length === 0, `leases are left: ${journal.leases.join()}`);

  const left = remote.leftovers();
  demand(
    left.every((session) => session.parts.size === 0),
    "no part is left in a session",
  );
  demand(
    left.every((session) => orphans.has(session.id)),
    "no session is left but those opened and never written down",
  );
  demand(left.length <= died.length, "one death leaves one empty session at most");
  for (const { verb, session, number } of remote.applied) {
    if (verb !== "putPart") continue;
    const most = scenario.differs?.includes(number!) ? 2 : 1;
    demand(remote.writesOf(session!, number!) <= most, `part ${number} was sent again though it was there`);
  }
  const commits = remote.applied.filter((done) => done.verb === "completeSession").length;
  demand(commits === (data && !scenario.small ? 1 : 0), `completed ${commits} times`);
  if (clean) {
    demand(remote.sessions.size === clean.sessions + orphans.size, "no session was opened without need");
    const most = scenario.small ? data!.length : handsOf * partSize;
    demand(remote.received - clean.received <= most * died.length, "bytes wasted are what was under way");
  }
  await world.clock.advance(3_600_000);
  demand(world.clock.sleepers === 0, `${world.clock.sleepers} timers are left`);
  return {
    deaths: died,
    effects: lives[0]!.effects.map((effect) => effect.name),
    later: lives.at(-1)!.effects.map((effect) => effect.name),
    outcome: result?.outcome ?? "discarded",
    orphans: left.length,
    sessions: remote.sessions.size,
    received: remote.received,
  };
}

function demand(held: boolean, what: string): void {
  if (!held) throw new Error(`broken: ${what}`);
}
