import { memoryStore } from "../../core/src/builtin/memory-store.js";
import type { StoreSubject } from "../src/cases/store/subject.js";
import { fakeClock } from "../src/clock/fake-clock.js";
import { beginLife } from "../src/crash/crash-points.js";
import { faultyStore } from "../src/faults/store.js";
import { describeStore } from "../src/vitest.js";

describeStore("memory store", () => {
  const clock = fakeClock();
  const store = memoryStore({ clock });
  return {
    open: async () => store,
    pass: (ms) => clock.advance(ms),
    readAside: async (place) => store.asides.get(place) ?? [],
  };
});

describeStore("memory store behind faults, each handle in a life of its own", (): StoreSubject => {
  const clock = fakeClock();
  const store = memoryStore({ clock });
  let away = false;
  const faulty = faultyStore(store, () => (away ? { kind: "refuse" } : undefined), clock);
  return {
    open: async () => beginLife().store(faulty),
    pass: (ms) => clock.advance(ms),
    async outage() {
      away = true;
      return async () => {
        away = false;
      };
    },
  };
});
