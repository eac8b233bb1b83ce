/** The doctor goes round while producers and workers are busy, and finds nothing. */

import { assert, assertEquals } from "@std/assert";
import { memoryStore } from "../../../src/store/memory/store.ts";
import type { RetentionLimits, Store } from "../../../src/store/store.ts";
import { examine } from "../../support/doctor.ts";
import { Load } from "../../support/redis/doctor_load.ts";
import { openStore, tempFolder } from "./sqlite/support/fixtures.ts";

const LOAD_MS = 1500;
const retention: Partial<RetentionLimits> = { completedMs: 500, failedMs: 500, maxCount: 300 };

/** @param doctor Where the doctor looks. @param busy Where the others work: the same jobs. */
async function goRound(doctor: Store, busy: Store, seed: number): Promise<void> {
  const ended = new AbortController();
  const load = new Load(busy, seed);
  const running = load.run(ended.signal);
  const until = performance.now() + LOAD_MS;
  try {
    for (let walk = 0; walk < 3 || performance.now() < until; walk++) {
      assertEquals(await examine(doctor, walk % 2 === 0, [7, 100, 1000][walk % 3]), []);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  } finally {
    ended.abort();
    await running;
  }
  assertEquals(await examine(doctor, true), [], "at rest");
  assert(load.made > 200, `only ${load.made} jobs were made`);
}

for (const seed of [1, 2]) {
  Deno.test(`check() on sqlite finds nothing while another handle is busy, seed ${seed}`, async () => {
    await using folder = await tempFolder();
    const path = folder.file("jobs.db");
    await using doctor = await openStore(path, { retention, synchronous: "normal" });
    await using busy = await openStore(path, { retention, synchronous: "normal" });
    await goRound(doctor, busy, seed);
  });

  Deno.test(`check() on memory finds nothing while the store is busy, seed ${seed}`, async () => {
    await using store = memoryStore({ retention });
    await goRound(store, store, seed);
  });
}
