import { fsStore, hookedFileSystem, type ModelFileSystem, modelFileSystem } from "@partwise/fs-store";
import type { FakeClock, Life } from "@partwise/testkit";
import type { CheckpointStore } from "../../../src/index.js";

/** A modelled disk that journals lie on. It outlives processes, and forgets what was not synced when power fails. */
export class Disk {
  readonly #clock: FakeClock;
  #files: ModelFileSystem;
  #boot = 1;

  constructor(clock: FakeClock) {
    this.#clock = clock;
    this.#files = modelFileSystem({ now: () => clock.now() });
  }

  /** A store of the process that runs since the last boot. Every call to the disk is an effect of its life. */
  store(life?: Life): CheckpointStore {
    const mark = { pid: 1, host: "modelled", boot: String(this.#boot) };
    const seam = (name: string) => life?.effect(name, () => undefined);
    return fsStore({
      directory: "/journals",
      clock: this.#clock,
      holder: `process of boot ${this.#boot}`,
      processes: { self: () => mark, isGone: (other) => other.boot !== mark.boot },
      fileSystem: hookedFileSystem(this.#files, {
        before: (name) => seam(`disk.${name}`),
        after: (name) => seam(`disk.${name} done`),
      }),
    });
  }

  /** @param seed Without: all that was not synced is gone. With: some of it. */
  powerLoss(seed?: number): void {
    this.#boot++;
    this.#files = this.#files.crash(seed === undefined ? {} : { seed });
  }
}
