import type { LeaseInfo } from "@partwise/core/contract";
import { ensure, equal, refused } from "../check.js";
import { brief, hook, journalOf, long, outlive, pass, type StoreCase } from "./subject.js";

const namesOf = (leases: readonly LeaseInfo[]) => leases.map(({ name }) => name).sort();

/** Cases about leases. */
export const leaseCases: readonly StoreCase[] = [
  {
    name: "a held lease says who holds it and how long",
    prevents: "a waiting caller that cannot tell how long to wait, or for whom",
    async run(subject) {
      const [one, other] = [await journalOf(subject), await journalOf(subject)];
      const lease = await one.lease("transfer", 60_000, "pid 7 on host a");
      equal([lease.name, lease.holder, lease.ttl], ["transfer", "pid 7 on host a", 60_000], "the lease");
      const error = await refused(() => other.lease("transfer", 60_000), "lease-held", "taking it again");
      const details = error.details as {
        lease?: string;
        holder?: string;
        expiresAt?: number;
        expiresIn?: number;
      };
      equal(
        [details.lease, details.holder],
        ["transfer", "pid 7 on host a"],
        "lease and holder in the error",
      );
      const { expiresIn = 0, expiresAt = 0 } = details;
      ensure(expiresIn > 0 && expiresIn <= 60_000, `expiresIn is ${expiresIn}`);
      ensure(expiresAt > 0, `expiresAt is ${expiresAt}`);
      ensure(error.message.includes("pid 7 on host a"), "the message does not name the holder");
    },
  },
  {
    name: "a lease is not taken twice by its own holder either",
    prevents: "two callers of one process that both believe they are the only one",
    async run(subject) {
      const journal = await journalOf(subject);
      await journal.lease("transfer", long, "me");
      await refused(() => journal.lease("transfer", long, "me"), "lease-held", "taking it again");
    },
  },
  {
    name: "leases of other names are independent",
    prevents: "crew members shutting each other out",
    async run(subject) {
      const journal = await journalOf(subject);
      const names = ["transfer", "member/a", "member/host:12/x", "parts/1", "parts/10", "Transfer"];
      const leases = await Promise.all(names.map((name) => journal.lease(name, long)));
      equal(new Set(leases.map(({ token }) => token)).size, names.length, "number of different tokens");
      await leases[0]?.release();
      await leases[4]?.renew();
      equal(
        namesOf(await journal.leases("")),
        names.filter((name) => name !== "transfer").sort(),
        "names held",
      );
    },
  },
  {
    name: "leases are listed by the beginning of their names, with holder and time left",
    prevents: "a sealer that does not see the live members",
    async run(subject) {
      const [one, other] = [await journalOf(subject), await journalOf(subject)];
      await one.lease("member/a", 60_000, "holder a");
      await one.lease("member/b", 60_000, "holder b");
      await one.lease("parts/1", 60_000);
      const found = await other.leases("member/");
      equal(namesOf(found), ["member/a", "member/b"], "names");
      equal(found.map(({ holder }) => holder).sort(), ["holder a", "holder b"], "holders");
      for (const { expiresIn } of found) {
        ensure(expiresIn > 0 && expiresIn <= 60_000, `expiresIn is ${expiresIn}`);
      }
      equal(await other.leases("nobody/"), [], "leases of no name");
    },
  },
  {
    name: "a lease that expired is gone, and free for others",
    prevents: "a dead holder that blocks its transfer for ever",
    async run(subject) {
      const [one, other] = [await journalOf(subject), await journalOf(subject)];
      await one.lease("transfer", brief);
      await outlive(subject, brief);
      equal(await other.leases(""), [], "leases");
      equal((await other.lease("transfer", long)).name, "transfer", "name");
    },
  },
  {
    name: "renewing starts the time anew",
    prevents: "a long transfer that loses its lease while it works",
    async run(subject) {
      const journal = await journalOf(subject);
      const lease = await journal.lease("transfer", 2_000);
      for (let round = 0; round < 2; round++) {
        await pass(subject, 1_200);
        await lease.renew();
      }
      await journal.append([1], lease);
      equal(namesOf(await journal.leases("")), ["transfer"], "names held");
    },
  },
  {
    name: "a lease that expired cannot be renewed, though the name is free",
    prevents: "a laptop that wakes up and takes back what others may have moved meanwhile",
    async run(subject) {
      const journal = await journalOf(subject);
      const lease = await journal.lease("transfer", brief);
      await outlive(subject, brief);
      await refused(() => lease.renew(), "lease-lost", "renewing after expiry");
      equal(await journal.leases(""), [], "leases after the refused renewal");
    },
  },
  {
    name: "a stale holder neither renews nor releases its successor's lease",
    prevents: "a third process let in beside the second by the first one's goodbye",
    async run(subject) {
      const [one, other] = [await journalOf(subject), await journalOf(subject)];
      const stale = await one.lease("transfer", brief);
      await outlive(subject, brief);
      const current = await other.lease("transfer", long, "the successor");
      await refused(() => stale.renew(), "lease-lost", "renewing");
      await stale.release();
      equal((await one.leases(""))[0]?.holder, "the successor", "holder");
      await current.renew();
      await other.append([1], current);
    },
  },
  {
    name: "releasing frees the name at once, and again does nothing",
    prevents: "callers that wait out a lease nobody needs; an error on the way out",
    async run(subject) {
      const [one, other] = [await journalOf(subject), await journalOf(subject)];
      const lease = await one.lease("transfer", long);
      await lease.release();
      await lease.release();
      const next = await other.lease("transfer", long);
      await lease.release();
      await next.renew();
      await refused(() => lease.renew(), "lease-lost", "renewing after release");
    },
  },
  {
    name: "no token comes twice: not in many takes, not after a drop",
    prevents: "a stale holder whose old token is good again",
    async run(subject) {
      const journal = await journalOf(subject);
      const tokens = new Set<string>();
      for (let round = 0; round < 30; round++) {
        const lease = await journal.lease("transfer", long, "same holder");
        ensure(!tokens.has(lease.token), `token ${lease.token} came twice`);
        tokens.add(lease.token);
        if (round % 10 !== 9) await lease.release();
        else {
          await journal.append([round], lease);
          await journal.drop(lease);
        }
      }
    },
  },
  {
    name: "no token comes again after the store lost its memory, and the old ones are void",
    prevents: "a counter that starts anew after a failover and lets two holders share a token",
    needs: hook("forget"),
    async run(subject) {
      const journal = await journalOf(subject);
      const tokens = new Set<string>();
      const old = await journal.lease("transfer", long);
      tokens.add(old.token);
      for (let round = 0; round < 5; round++) {
        await subject.forget?.();
        const next = await (await journalOf(subject)).lease("transfer", long);
        ensure(!tokens.has(next.token), `token ${next.token} came twice`);
        tokens.add(next.token);
        await refused(() => journal.append([round], old), "lease-lost", "append under the forgotten lease");
      }
    },
  },
  {
    name: "of two that take a name at once exactly one gets it, fifty times",
    prevents: "both runners passing a check that is not one step with the taking",
    async run(subject) {
      const journals = [await journalOf(subject), await journalOf(subject)];
      for (let round = 0; round < 50; round++) {
        const takes = await Promise.allSettled(journals.map((journal) => journal.lease("transfer", long)));
        const won = takes.filter((take) => take.status === "fulfilled");
        equal(won.length, 1, `winners in round ${round}`);
        const lost = takes.find((take) => take.status === "rejected");
        await refused(() => Promise.reject(lost?.reason), "lease-held", "the loser");
        await won[0]?.value.release();
      }
    },
  },
  {
    name: "of several that take an expired lease at once exactly one gets it",
    prevents: "a takeover that two survivors win",
    async run(subject) {
      const journals = await Promise.all([1, 2, 3, 4].map(() => journalOf(subject)));
      await journals[0]?.lease("transfer", brief);
      await outlive(subject, brief);
      const takes = await Promise.allSettled(journals.map((journal) => journal.lease("transfer", long)));
      equal(takes.filter((take) => take.status === "fulfilled").length, 1, "winners");
    },
  },
  {
    name: "a lease that is too short or too long is refused",
    prevents: "a lease that is over before it is known, or never",
    async run(subject) {
      const journal = await journalOf(subject);
      for (const ttl of [0, -1, 999, 3_600_001, Number.NaN, Number.POSITIVE_INFINITY]) {
        await refused(() => journal.lease("transfer", ttl), "invalid-options", `a lease of ${ttl} ms`);
      }
      equal(await journal.leases(""), [], "leases");
    },
  },
];
