import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqliteStore } from "../../src/store/sqlite/store.ts";
import { FakeClock, fakeClockHarness, registerConformance } from "../../src/testing/mod.ts";

/** Nothing here depends on what a power cut leaves, and to wait for the disk took most of the time. */
const defaults = { synchronous: "normal" } as const;

registerConformance(
  "sqlite",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "gqm-conformance-"));
    return fakeClockHarness({
      clock: new FakeClock(),
      create: (options) => sqliteStore(join(folder, "jobs.db"), { ...defaults, ...options }),
      cleanUp: () => rm(folder, { recursive: true, force: true }),
    });
  },
  { capabilities: { shared: true, durable: true } },
);
