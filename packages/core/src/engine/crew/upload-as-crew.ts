import type { CheckpointStore } from "../../contracts/checkpoint-store.js";
import { isTransferError, TransferError } from "../../errors.js";
import type { UploadResult } from "../../events.js";
import { Halt } from "../halt.js";
import { openJournal } from "../open-journal.js";
import type { Run } from "../run.js";
import { type LeaseWish, memberLeases, takeLease } from "../take-lease.js";
import { mostVanished } from "../upload-parts.js";
import { finishWith, makeReady, sealTogether } from "./lead.js";
import { LeaseKeeper } from "./lease-keeper.js";
import type { Member } from "./member.js";
import { CrewView } from "./view.js";
import { workOff } from "./work.js";

/**
 * The story of one member: have a session opened by somebody, send what nobody else does, have it sealed by somebody.
 */
export async function uploadAsCrew(
  store: CheckpointStore,
  wish: LeaseWish,
  outer: Halt,
  makeRun: (halt: Halt) => Run,
): Promise<UploadResult> {
  if (store.reach === "process") {
    throw new TransferError(
      "invalid-options",
      `A crew needs a store that others see; ${store.name} is this process's own. Use fs-store on one machine, redis-store on several.`,
    );
  }
  const { id } = makeRun(outer);
  await using opened = await openJournal(store, id);
  const { journal } = opened;
  const name = `${memberLeases}${memberName(wish)}`;
  const own = { ...wish, holder: wish.holder ?? `crew ${name.slice(memberLeases.length)}`, wait: false };
  const keeper = new LeaseKeeper(wish.clock, wish.ttl);
  try {
    const lease = await takeLease(journal, name, own);
    const rejoin = () =>
      void takeLease(journal, name, own).then(
        (again) => keeper.add(again, rejoin),
        () => undefined,
      );
    keeper.add(lease, rejoin);
    return await work({ store, journal, view: new CrewView(journal), keeper, wish: own }, outer, makeRun);
  } finally {
    await keeper.end();
  }
}

async function work(member: Member, outer: Halt, makeRun: (halt: Halt) => Run): Promise<UploadResult> {
  let at: string | undefined;
  let dead: string | undefined;
  for (let vanished = 0; ; vanished++) {
    const run = makeRun(new Halt(member.wish.clock, outer.stop));
    try {
      return await workEpoch(run, member, dead, (session) => {
        at = session;
      });
    } catch (error) {
      if (!isTransferError(error, "session-gone") || vanished === mostVanished) throw error;
      // Stopped already: by the caller, or because somebody else went on and the session is theirs.
      outer.stop.throwIfAborted();
      dead = at;
    } finally {
      run.halt.over();
    }
  }
}

/**
 * @param dead The session that turned out to be gone; any other may be one that a member has opened since.
 * @param begin Told of each session this member works on.
 */
async function workEpoch(
  run: Run,
  member: Member,
  dead: string | undefined,
  begin: (session: string) => void,
): Promise<UploadResult> {
  for (;;) {
    const ready = await makeReady(run, member, dead);
    if ("result" in ready) return ready.result;
    const { epoch } = ready;
    begin(epoch.session.id);
    const end = await workOff(run, member, epoch);
    const tombstone = member.view.checkpoint.sealed;
    if (tombstone?.epoch === epoch.number) return finishWith(run, tombstone);
    if (end === "lost") continue;
    const sealed = await sealTogether(run, member, epoch);
    if (sealed) return sealed;
  }
}

function memberName({ clock }: LeaseWish): string {
  return Math.floor(clock.random() * 2 ** 48).toString(36);
}
