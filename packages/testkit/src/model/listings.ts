import type { Transport } from "@partwise/core/contract";
import { accept } from "./desk.js";
import { lacks, sessionGone } from "./refusals.js";
import { isThere, type ModelRemote, type ModelSession } from "./state.js";

/** The verbs that answer page by page. Each page shows what is there when it is asked for. */
export function listings(remote: ModelRemote): Pick<Transport, "listParts" | "listSessions"> {
  return {
    async *listParts({ session, after = 0 }, call) {
      if (!remote.abilities.listParts) throw lacks("listing of parts");
      for (let from = after; ; ) {
        const answer = accept(remote, "listParts", call);
        const found = remote.sessions.get(session.id);
        if (found === undefined || found.key !== session.key || !isThere(found)) {
          throw sessionGone(session.key, session.id);
        }
        const rest = [...found.parts.values()]
          .map((part) => part.receipt)
          .filter(({ number }) => number > from)
          .sort((a, b) => a.number - b.number);
        const parts = rest.slice(0, remote.pageSize);
        yield { ...answer, parts };
        if (rest.length <= remote.pageSize) return;
        from = parts.at(-1)?.number ?? from;
      }
    },

    async *listSessions({ prefix = "" }, call) {
      if (!remote.abilities.listSessions) throw lacks("listing of sessions");
      for (let last: ModelSession | undefined; ; ) {
        const answer = accept(remote, "listSessions", call);
        const rest = [...remote.sessions.values()]
          .filter((each) => isThere(each) && each.key.startsWith(prefix))
          .filter((each) => last === undefined || byKey(each, last) > 0)
          .sort(byKey);
        const page = rest.slice(0, remote.pageSize);
        const sessions = page.map(({ key, id, openedAt }) => ({ key, id, openedAt }));
        yield { ...answer, sessions };
        if (rest.length <= remote.pageSize) return;
        last = page.at(-1);
      }
    },
  };
}

function byKey(a: ModelSession, b: ModelSession): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}
