/**
 * Worker processes on one SQLite file are killed, paused and continued at
 * random moments while they work. No job may be lost, completed twice, or run
 * by two live holders at once. The seed is printed, so that a failure can be
 * replayed: GQM_SEED=….
 */

import { assert, assertEquals } from "@std/assert";
import { Client, sqliteStore } from "../../mod.ts";
import { seededRng } from "../../src/rng.ts";
import { Workers } from "../support/workers.ts";

const LONG = Deno.env.get("GQM_LONG") === "1";
const SEED = Number(Deno.env.get("GQM_SEED") ?? Date.now() % 1_000_000);
const JOBS = LONG ? 5000 : 400;
const LEASE_MS = 1000;
/** Time for which workers are killed and paused. */
const TROUBLE_MS = LONG ? 60_000 : 5000;
/** How long a pause is: longer than a lease, so that the job goes to another. */
const PAUSE_MS = 1500;

Deno.test("workers lose and double nothing when they are killed and paused at random", async () => {
  console.log(`seed ${SEED}`);
  const rng = seededRng(SEED);
  const dir = await Deno.makeTempDir({ prefix: "gqm-faults-" });
  const path = `${dir}/jobs.db`;
  const effects = `${dir}/effects.log`;
  await Deno.writeTextFile(effects, "");
  try {
    await using store = sqliteStore(path);
    await using client = new Client({ store });
    await using workers = new Workers("tests/faults/worker.ts", [
      `sqlite:${path}`,
      effects,
      String(LEASE_MS),
    ]);
    workers.start(3);

    const handles = [];
    for (let i = 0; i < JOBS; i++) {
      const payload = { ms: Math.floor(rng() * 60), failures: rng() < 0.2 ? 1 : 0 };
      const delayMs = rng() < 0.2 ? Math.floor(rng() * 1000) : 0;
      handles.push(
        await client.enqueue("work", payload, { delayMs, priority: Math.floor(rng() * 5) }),
      );
    }
    await workers.trouble({ rng, forMs: TROUBLE_MS, everyMs: 300, pauseMs: PAUSE_MS });
    const fences = await Promise.all(handles.map((handle) => handle.result()));

    const counts = await store.counts();
    assertEquals(
      counts.filter(({ status }) => status !== "completed"),
      [],
      "every job is completed",
    );
    const jobs = (await store.getJobs(handles.map(({ id }) => id))).map((job) => job!);
    const lost = jobs.reduce((sum, { deliveries }) => sum + deliveries, 0);
    for (const job of jobs) {
      const completed = job.attempts.filter(({ outcome }) => outcome === "completed").length;
      assertEquals(completed, 1, `job ${job.id} was completed ${completed} times`);
    }
    // What a job's last effect says is what its result says: a late holder's
    // result was refused, and fences of one job only rise.
    const lines = (await Deno.readTextFile(effects)).trim().split("\n").map((line) =>
      line.split(" ")
    );
    const started = new Map<string, number>();
    for (const [what, id, fence] of lines) {
      if (what !== "start") continue;
      assert(Number(fence) > (started.get(id!) ?? 0), `fences of job ${id} rise`);
      started.set(id!, Number(fence));
    }
    handles.forEach(({ id }, i) =>
      assertEquals(fences[i], started.get(id), `job ${id}: the last holder's result counts`)
    );
    console.log(
      `${workers.killed} killed, ${workers.paused} paused, ${lost} deliveries lost, ${JOBS} jobs completed once`,
    );
    assert(workers.killed > 0 && lost > 0, "the test has met what it is about");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
