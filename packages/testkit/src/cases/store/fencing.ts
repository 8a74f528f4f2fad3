import type { Journal, Lease } from "@partwise/core/contract";
import { equal, refused } from "../check.js";
import { brief, journalOf, long, outlive, type StoreCase, type StoreSubject } from "./subject.js";

/** Every way of writing that a lease guards. */
const writes: readonly (readonly [string, (journal: Journal, lease: Lease) => Promise<unknown>])[] = [
  ["append", (journal, lease) => journal.append(["stale"], lease)],
  ["replace", (journal, lease) => journal.replace(["stale"], lease)],
  ["setAside", (journal, lease) => journal.setAside(lease)],
  ["drop", (journal, lease) => journal.drop(lease)],
];

async function allRefused(journal: Journal, lease: Lease, when: string): Promise<void> {
  for (const [name, write] of writes) {
    const error = await refused(() => write(journal, lease), "lease-lost", `${name} ${when}`);
    equal((error.details as { lease?: string }).lease, lease.name, "lease named in the error");
  }
}

/** A journal with one entry, and the lease under which it was written. */
async function begun(subject: StoreSubject, ttl: number) {
  const journal = await journalOf(subject);
  const lease = await journal.lease("transfer", ttl, "the old holder");
  await journal.append(["kept"], lease);
  return { journal, lease };
}

/** Cases about fences: a holder whose lease is gone changes nothing. */
export const fencingCases: readonly StoreCase[] = [
  {
    name: "nothing is written under a released lease, though the name is free",
    prevents: "a holder that has said goodbye and still writes",
    async run(subject) {
      const { journal, lease } = await begun(subject, long);
      await lease.release();
      await allRefused(journal, lease, "after release");
      equal((await journal.read()).entries, ["kept"], "entries");
    },
  },
  {
    name: "nothing is written under an expired lease, though the name is free",
    prevents: "a paused process that wakes up and goes on as if it had never slept",
    async run(subject) {
      const { journal, lease } = await begun(subject, brief);
      await outlive(subject, brief);
      await allRefused(journal, lease, "after expiry");
      equal((await journal.read()).entries, ["kept"], "entries");
    },
  },
  {
    name: "nothing is written under a lease that somebody else has taken since",
    prevents: "two holders moving one transfer",
    async run(subject) {
      const { journal, lease } = await begun(subject, brief);
      await outlive(subject, brief);
      const other = await journalOf(subject);
      const current = await other.lease("transfer", long);
      await other.append(["successor"], current);
      await allRefused(journal, lease, "after a takeover");
      await other.append(["successor, again"], current);
      equal((await other.read()).entries, ["kept", "successor", "successor, again"], "entries");
    },
  },
  {
    name: "nothing is written under a lease of before a drop",
    prevents: "a forgotten transfer brought back half by its old holder",
    async run(subject) {
      const { journal, lease } = await begun(subject, long);
      await journal.drop(lease);
      await allRefused(journal, lease, "after a drop");
      equal((await journal.read()).entries, [], "entries");
    },
  },
  {
    name: "a lease is good for its own journal only",
    prevents: "a mixed-up lease that spoils another transfer",
    async run(subject) {
      const { lease } = await begun(subject, long);
      const other = await journalOf(subject, "other");
      await allRefused(other, lease, "with another journal's lease");
      const own = await other.lease("transfer", long);
      await allRefused(other, lease, "with another journal's lease of the same name");
      await other.append(["own"], own);
      equal((await other.read()).entries, ["own"], "entries");
    },
  },
  {
    name: "losing one lease leaves the holder's others good",
    prevents: "a crew member that loses a batch and can no longer append its receipts",
    async run(subject) {
      const journal = await journalOf(subject);
      const batch = await journal.lease("parts/1", brief);
      const member = await journal.lease("member/a", long);
      await outlive(subject, brief);
      await refused(() => journal.append([1], batch), "lease-lost", "append under the lost lease");
      await journal.append([2], member);
      equal((await journal.read()).entries, [2], "entries");
    },
  },
  {
    name: "a refused append leaves nothing of itself",
    prevents: "half of a batch in the journal",
    async run(subject) {
      const { journal, lease } = await begun(subject, long);
      await lease.release();
      const many = Array.from({ length: 50 }, (_, index) => index);
      await refused(() => journal.append(many, lease), "lease-lost", "append");
      equal((await (await journalOf(subject)).read()).entries, ["kept"], "entries");
    },
  },
];
