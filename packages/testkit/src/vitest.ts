/** The bridge to vitest: `describeStore` and `describeTransport`. */
import { describe, it } from "vitest";
import type { Case, Closable } from "./cases/case.js";
import { storeCases } from "./cases/store/index.js";
import type { StoreSubject } from "./cases/store/subject.js";
import { transportCases } from "./cases/transport/index.js";
import type { TransportSubject } from "./cases/transport/subject.js";

/** Options of the bridge. */
export interface DescribeOptions {
  /** Run the cases side by side: worth it when they wait in real time. Default false. */
  readonly concurrent?: boolean;
  /** Milliseconds for one case. Default: vitest's own. */
  readonly timeout?: number;
}

/** Runs every store case on a subject of its own. Cases that cannot be asked are shown as skipped, with the reason. */
export function describeStore(
  name: string,
  makeSubject: () => StoreSubject | Promise<StoreSubject>,
  options: DescribeOptions = {},
): void {
  describeCases(name, storeCases, makeSubject, options);
}

/** Runs every transport case on a subject of its own. Cases that cannot be asked are shown as skipped, with the reason. */
export function describeTransport(
  name: string,
  makeSubject: () => TransportSubject | Promise<TransportSubject>,
  options: DescribeOptions = {},
): void {
  describeCases(name, transportCases, makeSubject, options);
}

function describeCases<S extends Closable>(
  name: string,
  cases: readonly Case<S>[],
  makeSubject: () => S | Promise<S>,
  { concurrent = false, timeout }: DescribeOptions,
): void {
  describe(name, { concurrent, ...(timeout !== undefined && { timeout }) }, () => {
    for (const each of cases) {
      it(each.name, async ({ skip }) => {
        const subject = await makeSubject();
        try {
          const reason = await each.needs?.(subject);
          if (reason !== undefined) skip(reason);
          await each.run(subject);
        } finally {
          await subject.close?.();
        }
      });
    }
  });
}
