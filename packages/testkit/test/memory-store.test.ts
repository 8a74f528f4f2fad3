import { memoryStore } from "../../core/src/builtin/memory-store.js";
import { fakeClock } from "../src/clock/fake-clock.js";
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
