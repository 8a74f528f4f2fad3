import { afterAll, beforeAll, expect, it } from "vitest";
import { table, writeOnPage } from "../../core/test/proof/helpers/page.js";
import { type OwnRedisServer, startRedis } from "../../redis-store/test/helpers/redis-server.js";
import { deathsOf, outlive } from "./helpers/crew.js";
import { KiB, World } from "./helpers/world.js";

const MiB = 1024 * KiB;
/** Fewer for a quick look. */
const rounds = Number(process.env.PARTWISE_PROVE_ROUNDS ?? 50);
const [parts, concurrency] = [256, 4];
const partBytes = 4 * MiB;

let world: World;
let redis: OwnRedisServer;
let file: string;
beforeAll(async () => {
  [world, redis] = await Promise.all([World.create(), startRedis()]);
  file = world.largeFile(parts * partBytes);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await redis.stop();
});

it(`${rounds} crews of four processes on 1 GiB, two of each killed`, {
  timeout: rounds * 60_000,
}, async () => {
  const deaths = (seed: number) => (seed === 0 ? [] : deathsOf(seed, 4, parts));
  const [common, begun] = [{ file, partSize: "4MiB", concurrency, leaseTtl: "3s" }, Date.now()];
  let [killed, again, most] = [0, 0, 0];
  // The first one loses nobody.
  for (let seed = 0; seed <= rounds; seed += 1) {
    const key = `round ${seed}`;
    world.emulator.clearLog();
    const round = await outlive(world, { ...common, key, members: 4, store: redis.url }, parts, deaths(seed));
    await world.emulator.deleteObjectDirect("demo", key);
    if (seed === 0) expect(round).toEqual({ killed: 0, again: 0 });
    killed += round.killed;
    again += round.again;
    most = Math.max(most, round.again);
  }
  expect(killed).toBeGreaterThan(rounds);
  const head = ["Rounds", "Processes killed", "Parts sent", "Sent again", "Most in one round", "Bound"];
  const row = [rounds, killed, (rounds + 1) * parts + again, again, most, 2 * concurrency];
  console.log(
    JSON.stringify({ proof: "crews", rounds, killed, again, most, seconds: (Date.now() - begun) / 1000 }),
  );
  if (rounds >= 50) writeOnPage("crews of processes", table(head, [row]));
});
