import {
  aroundStore,
  aroundTransport,
  beginLife,
  crc64,
  fakeClock,
  faultyStore,
  faultyTransport,
  type Life,
  modelRemote,
  type SeededRandom,
  seededRandom,
} from "@partwise/testkit";
import { createTransfers, isTransferError, type UploadResult } from "../../../../src/index.js";
import { sameBytes } from "../data.js";
import { readJournal } from "../world.js";
import { count, remoteFaults, storeFaults, type Tally } from "./faults.js";
import { SimFile } from "./file.js";
import { Judge, type Seen } from "./judge.js";
import { type Act, planOf, type SimPlan } from "./plan.js";
import { ForgetfulStore } from "./store.js";

const partSize = 1_000;
const leaseTtl = 10_000;
/** Milliseconds after the storm in which what began in it may still fail. */
const aftermath = 200_000;

/** What one history came to. */
export interface SimReport {
  readonly plan: SimPlan;
  readonly lives: number;
  readonly deaths: number;
  /** What went wrong, by kind. */
  readonly tally: Tally;
  readonly outcomes: readonly string[];
  /** Bytes that reached the remote, and of the sources. */
  readonly received: number;
  readonly log: readonly string[];
  readonly broken: readonly string[];
}

/** Plays the history of a seed to its end. Never throws: what broke a rule is in the report. */
export async function simulate(seed: number): Promise<SimReport> {
  const history = new Simulation(planOf(seed));
  return history.play();
}

interface Runner extends Seen {
  readonly random: SeededRandom;
  frozenUntil: number;
  pause: AbortController;
}

class Simulation {
  readonly #plan: SimPlan;
  readonly #random: SeededRandom;
  readonly #clock;
  readonly #remote;
  readonly #store: ForgetfulStore;
  readonly #files: SimFile[];
  readonly #judge: Judge;
  readonly #tally: Tally = new Map();
  readonly #outcomes: string[] = [];
  readonly #runners = new Set<Runner>();
  readonly #calmAt: number;
  #awayUntil = 0;
  #lives = 0;
  #deaths = 0;

  constructor(plan: SimPlan) {
    this.#plan = plan;
    this.#random = seededRandom(plan.seed ^ 0x5eed);
    this.#clock = fakeClock({ seed: plan.seed });
    this.#remote = modelRemote({
      clock: this.#clock.skewed(plan.skew),
      limits: { partSize: { min: 100, max: 10_000 }, parts: 100, putObject: 100_000 },
      pageSize: 3,
    });
    this.#store = new ForgetfulStore(this.#clock);
    const size = plan.parts * partSize - this.#random.below(partSize - 1);
    this.#files = [new SimFile("/sim/a", size, this.#random.fork())];
    if (plan.otherBytes) {
      const other = this.#random.chance(0.5) ? size : size + 700;
      this.#files.push(new SimFile("/sim/b", other, this.#random.fork()));
    }
    this.#judge = new Judge(this.#remote, this.#files);
    this.#calmAt = this.#clock.now() + plan.storm;
  }

  async play(): Promise<SimReport> {
    const { runners } = this.#plan;
    try {
      const all = Array.from({ length: runners }, (_, index) => this.#run(index, this.#random.fork()));
      await this.#clock.run(Promise.all([...all, ...this.#acts()]), { within: 6 * 3_600_000 });
      await this.#clock.advance(Math.max(0, this.#calmAt + aftermath - this.#clock.now()));
      await this.#clock.run(this.#run(0, this.#random.fork(), "last"), { within: 3_600_000 });
      await this.#end();
    } catch (error) {
      this.#judge.demand(false, `the history did not end: ${error}`);
    }
    return {
      plan: this.#plan,
      lives: this.#lives,
      deaths: this.#deaths,
      tally: this.#tally,
      outcomes: this.#outcomes,
      received: this.#remote.received,
      log: this.#judge.log,
      broken: this.#judge.broken,
    };
  }

  #inStorm = () => this.#clock.now() < this.#calmAt;

  /** Life after life until one succeeds. */
  async #run(index: number, random: SeededRandom, called = `r${index}`): Promise<void> {
    const file = this.#files[Math.min(index, this.#files.length - 1)]!;
    let restart = false;
    for (let number = 1; ; number++) {
      const name = `${called}.${number}`;
      const runner: Runner = {
        name,
        random,
        acknowledged: 0,
        frozenUntil: 0,
        pause: new AbortController(),
      };
      const began = this.#clock.now();
      const end = await this.#live(runner, file, restart);
      this.#judge.note(
        `${this.#clock.now()} ${name} ${String(end instanceof Error ? `failed: ${end}` : (end?.outcome ?? "died"))}`,
      );
      if (end && !(end instanceof Error)) {
        const known = file.contents.some((each) => crc64(each) === end.checksum?.value);
        this.#judge.demand(known, `${name} resolved with a checksum that its source never had`);
        this.#outcomes.push(end.outcome);
        return;
      }
      if (end) {
        this.#judgeFailure(runner, end, began);
        restart = isTransferError(end, "source-changed") && end.message.includes("restart");
      }
      await this.#clock.sleep(random.below(end ? 10_000 : 30_000));
    }
  }

  async #live(runner: Runner, file: SimFile, restart: boolean): Promise<UploadResult | Error | undefined> {
    const { death } = this.#plan;
    const { random } = runner;
    const side = random.pick(["before", "after"] as const);
    const dies = random.chance(death) && this.#inStorm();
    const life = beginLife(dies ? { at: 1 + random.below(60), side } : undefined);
    const flying = { now: 0 };
    this.#lives++;
    this.#runners.add(runner);
    const work = this.#transfers(runner, life, flying).upload({
      source: file.opener(),
      key: "k",
      partSize,
      threshold: 0,
      verify: this.#plan.verify,
      restart,
      crew: this.#plan.kind === "crew",
      giveUpAfter: 120_000,
      signal: runner.pause.signal,
      onEvent: (event) => this.#judge.hear(runner, event),
    });
    try {
      const end = await life.until(work);
      if (end.died) {
        this.#deaths++;
        count(this.#tally, "death");
        this.#judge.note(`${this.#clock.now()} ${runner.name} dies ${end.side} ${end.at.name}`);
        return undefined;
      }
      this.#judge.demand(flying.now === 0, `${runner.name} resolved with ${flying.now} requests under way`);
      return end.value;
    } catch (error) {
      this.#judge.demand(flying.now === 0, `${runner.name} rejected with ${flying.now} requests under way`);
      return error instanceof Error ? error : new Error(`threw ${error}`);
    } finally {
      this.#runners.delete(runner);
    }
  }

  #transfers(runner: Runner, life: Life, flying: { now: number }) {
    const random = runner.random.fork();
    const clock = this.#clock;
    const thaw = async () => {
      while (clock.now() < runner.frozenUntil) await clock.sleep(runner.frozenUntil - clock.now());
    };
    const pick = remoteFaults(this.#plan, random, this.#inStorm, this.#tally);
    const faulty = faultyTransport(this.#remote.transport(), pick, clock);
    const transport = aroundTransport(faulty, async (call, run) => {
      flying.now++;
      try {
        await thaw();
        if (call.verb === "abortSession") this.#judge.aborts(runner, call.session!, await this.#current());
        const answer = await run();
        await thaw();
        return answer;
      } finally {
        flying.now--;
      }
    });
    const isAway = () => clock.now() < this.#awayUntil;
    const pickStore = storeFaults(this.#plan, random, this.#inStorm, isAway, this.#tally);
    const store = aroundStore(faultyStore(this.#store, pickStore, clock), async (_, run) => {
      await thaw();
      const answer = await run();
      await thaw();
      return answer;
    });
    return createTransfers({
      transport: life.transport(transport),
      store: life.store(store),
      clock: life.clock(clock),
      concurrency: this.#plan.hands,
      leaseTtl,
      holder: runner.name,
      stallAfter: 8_000,
      answerAfter: 8_000,
      completeAfter: 20_000,
    });
  }

  /** The session that the journal names as the one to work with. */
  async #current(): Promise<string | undefined> {
    for await (const { id } of this.#store.list()) {
      const { types, current } = await readJournal(this.#store, id);
      return types.lastIndexOf("opened") > types.lastIndexOf("sealed") ? current : undefined;
    }
    return undefined;
  }

  #judgeFailure({ name, pause }: Runner, error: Error, began: number): void {
    if (pause.signal.aborted && error === pause.signal.reason) return;
    if (!isTransferError(error)) {
      this.#judge.demand(false, `${name} failed with what is no TransferError: ${error.stack}`);
      return;
    }
    const { kind, acts, store } = this.#plan;
    const alone = kind === "solo";
    const known = ["source-changed", "lease-held", "lease-lost", "store-unavailable", "session-gone"];
    const allowed = known.includes(error.code) || error.group === "remote-passing";
    this.#judge.demand(allowed, `${name} failed with ${error.code}: ${error.message}`);
    if (error.code === "lease-lost" && alone && store.loseLease === 0 && acts.freeze + acts.forget === 0) {
      this.#judge.demand(false, `${name} lost its lease to nobody: ${error.message}`);
    }
    if (began < this.#calmAt + aftermath || (!alone && kind !== "crew")) return;
    this.#judge.demand(false, `${name} failed in calm weather: ${error.code} ${error.message}`);
  }

  /** What happens to everybody, at times drawn from the seed. */
  #acts(): Promise<void>[] {
    const random = this.#random.fork();
    const anyone = () => [...this.#runners];
    const play: Readonly<Record<Act, () => void>> = {
      write: () => {
        const file = random.pick(this.#files);
        file.write(file.bytes.length);
      },
      resize: () => {
        const file = random.pick(this.#files);
        file.write(Math.max(partSize + 1, file.bytes.length + random.below(3_000) - 1_500));
      },
      touch: () => random.pick(this.#files).touch(),
      vanish: () => {
        for (const session of this.#remote.sessions.values()) {
          if (session.state === "open") session.state = "aborted";
          session.parts.clear();
        }
      },
      forget: () => this.#store.forget(),
      outage: () => {
        this.#awayUntil = this.#clock.now() + random.below(45_000);
      },
      freeze: () => {
        for (const runner of anyone().slice(0, 1)) {
          runner.frozenUntil = this.#clock.now() + random.below(30_000);
        }
      },
      pause: () => {
        for (const runner of anyone().slice(-1)) runner.pause.abort(new Error("paused"));
      },
    };
    const acts = Object.entries(this.#plan.acts) as [Act, number][];
    return acts.flatMap(([act, times]) =>
      Array.from({ length: times }, async () => {
        await this.#clock.sleep(random.below(this.#plan.storm));
        this.#judge.note(`${this.#clock.now()} ${act}`);
        count(this.#tally, act);
        play[act]();
      }),
    );
  }

  async #end(): Promise<void> {
    const demand = this.#judge.demand.bind(this.#judge);
    const [file] = this.#files;
    const { acts, kind, otherBytes, hands, runners } = this.#plan;
    demand(
      sameBytes(this.#remote.objects.get("k")?.bytes, file!.bytes),
      "the last run's object is its source",
    );
    const id = await createTransfers({
      transport: this.#remote.transport(),
      store: this.#store,
      clock: this.#clock,
    }).idOf("k");
    const journal = await readJournal(this.#store, id);
    // A member that did not see the end yet may add a receipt behind the tombstone; it counts for nothing.
    const [first, ...rest] = journal.types;
    const clean = first === "sealed" && rest.every((type) => kind === "crew" && type === "stored");
    demand(clean, `the journal holds ${journal.types.join() || "nothing"}`);
    const left = this.#remote.leftovers();
    if (acts.forget === 0) {
      demand(
        left.every((session) => session.parts.size === 0),
        `parts are left in ${left.filter((each) => each.parts.size > 0).map((each) => each.id)}`,
      );
    }
    const changes = this.#files.reduce((sum, each) => sum + each.contents.length - 1, 0);
    const applied = (verb: string) => this.#remote.applied.filter((each) => each.verb === verb).length;
    if (changes + acts.forget + acts.vanish === 0 && !otherBytes) {
      demand(applied("completeSession") === 1, `completed ${applied("completeSession")} times`);
    }
    const size = Math.max(...this.#files.flatMap((each) => each.contents.map((content) => content.length)));
    const faults = [...this.#tally.values()].reduce((sum, each) => sum + each, 0);
    const most =
      size * (applied("openSession") + changes + acts.forget * runners) +
      partSize * (faults + this.#lives * hands * 2);
    demand(
      this.#remote.received <= most,
      `${this.#remote.received} bytes sent for ${size}, at most ${most} expected (${kind})`,
    );
    await this.#clock.advance(leaseTtl + 1);
    const { leases } = await readJournal(this.#store, id);
    demand(leases.length === 0, `leases are left: ${leases.join()}`);
    await this.#clock.advance(7_200_000);
    demand(this.#clock.sleepers === 0, `${this.#clock.sleepers} timers are left`);
  }
}
