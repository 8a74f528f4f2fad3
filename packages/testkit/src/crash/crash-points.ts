import type { CheckpointStore, Clock, Transport } from "@partwise/core/contract";
import { aroundStore } from "../around/store.js";
import { aroundTransport } from "../around/transport.js";

/** One moment at which a process can die: an effect on the world. */
export interface Effect {
  /** From 1, in the order in which effects began. */
  readonly number: number;
  /** What it is: `transport.putPart 3`, `store.append transfer`, or the name given to `effect`. */
  readonly name: string;
}

/** Whether the effect had happened when the process died. */
export type Side = "before" | "after";

/** How a life went: it did its work, or it died on the way. */
export type LifeEnd<T> =
  | { readonly died: false; readonly value: T }
  | { readonly died: true; readonly at: Effect; readonly side: Side };

/** One life of a process: everything it does to the world passes through numbered seams. */
export interface Life {
  /** Effects so far. After a life without death, their number is the number of crash points. */
  readonly effects: readonly Effect[];
  readonly dead: boolean;
  /** A transport of this life. Each request is one effect, each page of a listing too. */
  transport(inner: Transport): Transport;
  /** A store of this life. */
  store(inner: CheckpointStore): CheckpointStore;
  /** A clock of this life: the dead do not wake. */
  clock(inner: Clock): Clock;
  /** Any other effect: a write, an fsync, a rename. */
  effect<T>(name: string, run: () => T | Promise<T>): Promise<T>;
  /** Waits for the end of the work, or of the life. Rejects when the work fails while the process lives. */
  until<T>(work: Promise<T>): Promise<LifeEnd<T>>;
}

/** When to die: at which effect, and on which side of it. */
export interface Death {
  readonly at: number;
  readonly side: Side;
}

/**
 * Begins a life. From the moment of its death no effect of it happens any more and none of its calls settles, so
 * that no `catch`, no `finally` and no timer of the dead process can change the world: just as with `kill -9`.
 * Requests that are being sent are broken off; the remote keeps what had arrived whole.
 * @param death Absent: it lives, and counts.
 */
export function beginLife(death?: Death): Life {
  const effects: Effect[] = [];
  const end = new AbortController();
  let diedAt: Effect | undefined;
  let tell: () => void = () => {};
  const died = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const never = <T>() => new Promise<T>(() => {});

  const die = (at: Effect) => {
    diedAt = at;
    end.abort(new Error("the process is dead"));
    tell();
  };

  /** What the dead would learn, nobody learns. */
  const unlessDead = async <T>(work: Promise<T>): Promise<T> => {
    try {
      const value = await work;
      return diedAt === undefined ? value : await never<T>();
    } catch (error) {
      if (diedAt !== undefined) return never<T>();
      throw error;
    }
  };

  const effect = async <T>(name: string, run: () => T | Promise<T>): Promise<T> => {
    if (diedAt !== undefined) return never<T>();
    const self: Effect = { number: effects.length + 1, name };
    effects.push(self);
    const mine = death?.at === self.number;
    if (mine && death.side === "before") {
      die(self);
      return never<T>();
    }
    const work = (async () => run())();
    if (!mine) return unlessDead(work);
    // It fails as it would have failed; the process dies with the answer in its hands.
    await work.catch(() => {});
    if (diedAt === undefined) die(self);
    return never<T>();
  };

  return {
    effects,
    get dead() {
      return diedAt !== undefined;
    },
    effect,
    transport: (inner) =>
      aroundTransport(inner, ({ verb, number, signal }, run) =>
        effect(number === undefined ? `transport.${verb}` : `transport.${verb} ${number}`, () =>
          run({ signal: AbortSignal.any([signal, end.signal]) }),
        ),
      ),
    store: (inner) =>
      aroundStore(inner, ({ verb, lease }, run) =>
        effect(lease === undefined || lease === "" ? `store.${verb}` : `store.${verb} ${lease}`, run),
      ),
    clock: (inner) => ({
      now: () => inner.now(),
      random: () => inner.random(),
      sleep: (ms, signal) => unlessDead(inner.sleep(ms, signal)),
    }),
    async until(work) {
      work.catch(() => {});
      const value = await Promise.race([work, died]);
      if (diedAt !== undefined) return { died: true, at: diedAt, side: death?.side ?? "after" };
      return { died: false, value: value as Awaited<typeof work> };
    },
  };
}
