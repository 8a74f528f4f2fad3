import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { LoggedRequest } from "@partwise/oss-emulator";
import { seededRandom } from "@partwise/testkit";
import type { CliRun } from "./cli.js";
import { until, type World } from "./world.js";

/** What every member of a crew is told. */
export interface CrewJob {
  readonly file: string;
  readonly key: string;
  readonly store: string;
  /** In the command's own words: `1MiB`. */
  readonly partSize: string;
  readonly concurrency: number;
  readonly leaseTtl: string;
  readonly members: number;
}

/** Members of one crew, each a process of its own. */
export interface Crew {
  readonly members: readonly CliRun[];
}

export function startCrew(world: World, job: CrewJob): Crew {
  const argv = [
    ...["upload", job.file, `oss://demo/${job.key}`, "--crew", "--json", "--store", job.store],
    ...["--part-size", job.partSize, "--threshold", "1", "--concurrency", String(job.concurrency)],
    ...["--lease-ttl", job.leaseTtl],
  ];
  return { members: Array.from({ length: job.members }, () => world.start(argv)) };
}

/** Resolves when every member has begun a part. */
export function allBegan(crew: Crew): Promise<void> {
  return until(() => crew.members.every((each) => each.stdout().includes('"part.started"')), lookEvery);
}

/** Milliseconds between two looks at the log: many look at once. */
const lookEvery = 25;

/** Whom to kill, and when: so many milliseconds after so many acknowledged parts. */
export interface Death {
  readonly member: number;
  readonly after: number;
  readonly delay: number;
}

/** Two different members, each with a moment of its own; the last moment is that of completing. */
export function deathsOf(seed: number, members: number, parts: number): readonly Death[] {
  const random = seededRandom(seed);
  const first = random.below(members);
  const second = (first + 1 + random.below(members - 1)) % members;
  return [first, second].map((member) => ({
    member,
    after: random.below(parts + 1),
    delay: random.below(20),
  }));
}

/** Kills with SIGKILL when the moment has come. Resolves with how many were alive then. */
export async function strike(
  world: World,
  crew: Crew,
  key: string,
  parts: number,
  deaths: readonly Death[],
): Promise<number> {
  const completing = () => world.requests("CompleteMultipartUpload", key).length > 0;
  const killed = deaths.map(async ({ member, after, delay }) => {
    const victim = crew.members[member]!;
    await until(() => completing() || (after < parts && world.acknowledged(key).length >= after), lookEvery);
    await new Promise((resolve) => setTimeout(resolve, delay));
    await victim.kill();
    return (await victim.ended) === "SIGKILL" ? 1 : 0;
  });
  return (await Promise.all(killed)).reduce<number>((sum, each) => sum + each, 0);
}

/** How the members that were not killed ended: all with the same object, or an error saying what was not so. */
export async function sameEnd(crew: Crew): Promise<{ etag: string; crc64: string; sentBytes: number[] }> {
  const ends = await Promise.all(crew.members.map(async (each) => ({ each, code: await each.ended })));
  const last = ends
    .filter(({ code }) => code !== "SIGKILL")
    .map(({ each, code }) => {
      if (code !== 0) throw new Error(`a member ended with ${code}: ${each.stderr()}`);
      return each.events().at(-1) as unknown as { etag: string; crc64: string; sentBytes: number };
    });
  const [first] = last;
  if (!first) throw new Error("no member was left");
  for (const { etag, crc64 } of last) {
    if (etag !== first.etag || crc64 !== first.crc64)
      throw new Error(`members ended with ${etag} ${crc64} and ${first.etag} ${first.crc64}`);
  }
  return { etag: first.etag, crc64: first.crc64, sentBytes: last.map(({ sentBytes }) => sentBytes) };
}

/** Parts that arrived more than once, each as often as it was in vain. */
export function sentAgain(world: World, key: string): number[] {
  const seen = new Set<number>();
  return world
    .requests("UploadPart", key)
    .filter(isStored)
    .flatMap(({ partNumber = 0 }) => {
      if (seen.has(partNumber)) return [partNumber];
      seen.add(partNumber);
      return [];
    });
}

/** The remote has it, whether or not the sender lived to hear so. */
function isStored({ status }: LoggedRequest): boolean {
  return status === 200;
}

/** What a round of {@link outlive} has shown. */
export interface Outlived {
  readonly killed: number;
  /** Parts the remote took more than once. */
  readonly again: number;
}

/**
 * A crew some of whom are killed. Throws when the others do not all end with the right
 * object, when a part is missing, or when more is sent again than the dead had in flight.
 */
export async function outlive(
  world: World,
  job: CrewJob,
  parts: number,
  deaths: readonly Death[],
): Promise<Outlived> {
  const crew = startCrew(world, job);
  const { key, concurrency } = job;
  const killed = await strike(world, crew, key, parts, deaths);
  const end = await sameEnd(crew);
  const object = await world.emulator.getObject("demo", key);
  const again = sentAgain(world, key).length;
  const sent = new Set(world.requests("UploadPart", key).map((each) => each.partNumber)).size;
  const demand = (held: boolean, what: string) => {
    if (!held) throw new Error(`${key}: ${what}; deaths: ${JSON.stringify(deaths)}`);
  };
  demand(
    object?.etag === end.etag && object.crc64 === end.crc64,
    "the object is what its members ended with",
  );
  demand(await sameBytes(object!.path, job.file), "the object is the file");
  demand(sent === parts, `${sent} of ${parts} parts were sent`);
  demand(again <= killed * concurrency, `${again} parts were sent again after ${killed} deaths`);
  demand(!world.emulator.sessions("demo").some((each) => each.key === key), "no session is left");
  return { killed, again };
}

async function sameBytes(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map(digestOf));
  return a === b;
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const block of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(block as Buffer);
  return hash.digest("hex");
}
