import { memoryStore } from "../../src/store/memory/store.ts";
import { FakeClock, fakeClockHarness, registerConformance } from "../../src/testing/mod.ts";

registerConformance(
  "memory",
  () => fakeClockHarness({ clock: new FakeClock(), create: memoryStore }),
  { capabilities: { shared: false, durable: false } },
);
