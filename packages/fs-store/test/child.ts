/** A process of its own that does what it is told over IPC; `processes.test.ts` bundles and forks it. */
import { isTransferError, type JsonValue, type Lease } from "@partwise/core/contract";
import { type FsJournal, fsStore, hookedFileSystem, nodeFileSystem } from "../src/index.js";

/** What a child is told. */
export type Order =
  | { readonly do: "open"; readonly directory: string; readonly id: string }
  | { readonly do: "lease"; readonly name: string; readonly ttl: number }
  | { readonly do: "append"; readonly entries: readonly JsonValue[] }
  | { readonly do: "receipts"; readonly from: number; readonly to: number }
  | { readonly do: "release" }
  | { readonly do: "stop at next append" };

/** What it answers; `told` comes in between. */
export type Answer = { readonly ok: true } | { readonly code: string } | { readonly told: JsonValue };

let journal: FsJournal;
let lease: Lease;
let stopping = false;

const fileSystem = hookedFileSystem(nodeFileSystem, {
  async before(name) {
    if (name !== "append" || !stopping) return;
    stopping = false;
    await tell({ told: "stopping" });
    process.kill(process.pid, "SIGSTOP");
  },
});

async function obey(order: Order): Promise<void> {
  switch (order.do) {
    case "open":
      journal = await fsStore({ directory: order.directory, fileSystem, gatherFor: 5 }).open(order.id);
      return;
    case "lease":
      lease = await journal.lease(order.name, order.ttl);
      return;
    case "append":
      return journal.append(order.entries, lease);
    case "receipts": {
      const all: Promise<void>[] = [];
      for (let n = order.from; n < order.to; n++) {
        all.push(journal.append([n], lease, { ordered: false }).then(() => tell({ told: n })));
        if (n % 10 === 0) await all.at(-1);
      }
      await Promise.all(all);
      return;
    }
    case "release":
      return lease.release();
    case "stop at next append":
      stopping = true;
  }
}

function tell(answer: Answer): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(answer, (error: Error | null) => (error ? reject(error) : resolve()));
  });
}

process.on("message", (order: Order) => {
  obey(order).then(
    () => tell({ ok: true }),
    (error: unknown) => tell({ code: isTransferError(error) ? error.code : String(error) }),
  );
});
