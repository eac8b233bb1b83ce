import { assert, assertEquals } from "@std/assert";
import {
  claimRequest,
  examine,
  linesOf,
  newJob,
  openStore,
  spawn,
  tempFolder,
} from "./support/fixtures.ts";

Deno.test("sqliteStore() gives each job to one of several processes", async () => {
  await using folder = await tempFolder();
  const path = folder.file("jobs.db");
  const ids = Array.from({ length: 2000 }, (_, i) => `job-${i}`);
  await using store = await openStore(path);
  for (let at = 0; at < ids.length; at += 500) {
    await store.enqueue([ids.slice(at, at + 500).map((id) => newJob(id))]);
  }
  const children = ["a", "b", "c"].map((name) => spawn("./drain_process.ts", path, name));
  const claimed = (await Promise.all(children.map((child) => linesOf(child)))).flat();
  assertEquals(claimed.toSorted(), ids.toSorted());
  const counts = await store.counts();
  assertEquals(counts, [{ queue: "default", type: "work", status: "completed", count: 2000 }]);
});

Deno.test("sqliteStore() loses and doubles nothing when its processes are killed", async () => {
  await using folder = await tempFolder();
  const path = folder.file("jobs.db");
  const accepted: string[] = [];
  for (let round = 0; round < 6; round++) {
    const children = ["a", "b"].map((name) => spawn("./busy_process.ts", path, `${name}${round}`));
    const begun = children.map(() => Promise.withResolvers<void>());
    const lines = Promise.all(
      children.map((child, i) => linesOf(child, () => begun[i]!.resolve())),
    );
    await Promise.all(begun.map(({ promise }) => promise));
    await new Promise((resolve) => setTimeout(resolve, 70 * round));
    for (const child of children) child.kill("SIGKILL");
    accepted.push(...(await lines).flat());
    const { kept, real, problem } = examine(path);
    assertEquals(kept, real, `round ${round}`);
    assertEquals(problem, "ok");
  }
  assert(accepted.length >= 6 * 2 * 5, `only ${accepted.length} jobs were accepted`);
  await using store = await openStore(path);
  const jobs = await store.getJobs(accepted);
  assertEquals(jobs.map((job) => job?.id), accepted);
  await drain(store);
  const left = (await store.counts()).map(({ status }) => status)
    .filter((status) => status !== "completed" && status !== "dead_letter");
  assertEquals(left, []);
});

/** Runs everything that is left, as a server would whose fellows have died. */
async function drain(store: Awaited<ReturnType<typeof openStore>>): Promise<void> {
  const request = claimRequest({ server: "last", limit: 500 });
  for (;;) {
    const { moved } = await store.reap({ limit: 500, maxDeliveries: 100 });
    const { jobs, nextDueInMs } = await store.claim(request);
    const outcomes = jobs.map(({ id, holder }) => {
      return {
        id,
        fence: holder.fence,
        verdict: { kind: "complete", result: null },
        ranMs: 0,
      } as const;
    });
    await store.settle({ outcomes });
    if (moved === 0 && jobs.length === 0 && nextDueInMs === null) return;
  }
}
