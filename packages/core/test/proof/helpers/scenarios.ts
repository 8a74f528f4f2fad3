import { bytesSource, type Transfers, type UploadResult } from "../../../src/index.js";
import { bytesOf, changedAt } from "./data.js";
import { pauseAfter, uploadOf, type World } from "./world.js";

/** One story in which a process may die anywhere. */
export interface Scenario {
  readonly name: string;
  /** What must be at the key in the end; `undefined`: no object is meant. */
  readonly data: Uint8Array | undefined;
  /** What came before, without deaths. */
  readonly before?: (world: World) => Promise<void>;
  /** What the process does, and what the next one does after its death. */
  readonly work: (world: World) => (transfers: Transfers) => Promise<UploadResult | undefined>;
  /** Parts whose bytes differ from those sent before, so that they are rightly sent again. */
  readonly differs?: readonly number[];
  /** No session and no journal: the object goes in one request. */
  readonly small?: boolean;
}

const data = bytesOf(3_500);
const shorter = bytesOf(2_500, 2);

/** Every story told over a memory store, and over a modelled disk. */
export const scenarios: readonly Scenario[] = [
  { name: "new upload in parts", data, work: (world) => uploadOf(world, data) },
  {
    name: "going on with a half-done upload",
    data,
    before: (world) => pauseAfter(world, 2, data),
    work: (world) => uploadOf(world, data),
  },
  {
    name: "going on by fingerprint",
    data,
    before: (world) => pauseAfter(world, 2, data),
    work: (world) => uploadOf(world, data, { verify: "fingerprint" }),
  },
  {
    name: "going on after a byte has changed",
    data: changedAt(data, 100),
    differs: [1],
    before: (world) => pauseAfter(world, 2, data),
    work: (world) => uploadOf(world, changedAt(data, 100)),
  },
  {
    name: "superseding by other options",
    data,
    before: (world) => pauseAfter(world, 2, data),
    work: (world) => uploadOf(world, data, { object: { metadata: { a: "b" } } }),
  },
  {
    name: "superseding by another size at the same path",
    data: shorter,
    before: (world) => pauseAfter(world, 2, data),
    work: (world) => uploadOf(world, shorter),
  },
  {
    name: "the session has vanished",
    data,
    async before(world) {
      await pauseAfter(world, 2, data);
      for (const session of world.remote.sessions.values()) session.state = "aborted";
      for (const session of world.remote.sessions.values()) session.parts.clear();
    },
    work: (world) => uploadOf(world, data),
  },
  {
    name: "small object over an old journal",
    data: shorter.slice(0, 500),
    small: true,
    before: (world) => pauseAfter(world, 2, data),
    work: (world) => uploadOf(world, shorter.slice(0, 500), { threshold: 1_000 }),
  },
  {
    name: "the answer to completing is lost",
    data,
    async before(world) {
      world.faults.next("completeSession", { kind: "lose" });
    },
    work: (world) => uploadOf(world, data),
  },
  {
    name: "discard",
    data: undefined,
    before: (world) => pauseAfter(world, 2, data),
    work: () => async (transfers) => {
      await transfers.discard({ key: "k" }).catch((error: { code?: string }) => {
        if (error.code !== "not-found") throw error;
      });
      return undefined;
    },
  },
];

/** Small enough for every pair of deaths. */
export const smallTransfer: Scenario = {
  name: "pairs of deaths, 3 parts",
  data: data.slice(0, 2_500),
  work: (world) => (transfers) =>
    uploadOf(world, data, { source: bytesSource(data.slice(0, 2_500), "/the/file") })(transfers),
};
