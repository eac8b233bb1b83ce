/**
 * The main job, end to end, on each embedded store: runs on Deno, Bun and Node.
 */

import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  Client,
  defineJobs,
  DuplicateJobError,
  job,
  JobFailedError,
  memoryStore,
  Server,
  SkipRetry,
  sqliteStore,
  type Store,
} from "../../mod.ts";

const jobs = defineJobs({
  "sum": job<readonly number[], number>(),
  "flaky": job<{ failures: number }, string>(),
  "doomed": job<void, never>(),
  "refused": job<void, never>(),
});

const places: readonly [string, (dir: string) => Store][] = [
  ["memory", () => memoryStore()],
  ["sqlite", (dir) => sqliteStore(join(dir, "jobs.db"))],
];

for (const [name, make] of places) {
  describe(`the main job on ${name}`, () => {
    let dir: string;
    let store: Store;
    let client: Client<typeof jobs>;
    let server: Server<typeof jobs>;
    const seen: string[] = [];

    before(async () => {
      dir = await mkdtemp(join(tmpdir(), "gqm-e2e-"));
      store = make(dir);
      client = new Client({ jobs, store });
      server = new Server({
        jobs,
        store,
        logLevel: "silent",
        backoff: { type: "fixed", baseMs: 20 },
      });
      server
        .use(async ({ job }, next) => {
          seen.push(job.type);
          return await next();
        })
        .pool({ name: "arithmetic", types: ["sum"], concurrency: 4 })
        .handle("sum", async ({ job, progress, log }) => {
          await log(`adding ${job.payload.length} numbers`);
          await progress(1);
          return job.payload.reduce((a, b) => a + b, 0);
        })
        .handle("flaky", ({ job }) => {
          if (job.retryCount < job.payload.failures) throw new Error("not yet");
          return `after ${job.attempt} attempts`;
        })
        .handle("doomed", () => {
          throw new TypeError("never");
        })
        .handle("refused", () => {
          throw new SkipRetry("no use");
        });
      await server.start();
    });

    after(async () => {
      await server.stop();
      await client.close();
      await store.close();
      await rm(dir, { recursive: true, force: true });
    });

    it("gives the results of many jobs enqueued at once", async () => {
      const numbers = Array.from({ length: 200 }, (_, i) => i);
      const handles = await Promise.all(numbers.map((n) => client.enqueue("sum", [n, 1])));
      const sums = await Promise.all(handles.map((handle) => handle.result()));
      deepEqual(sums, numbers.map((n) => n + 1));
      const first = await handles[0]!.job();
      equal(first?.logs[0]?.text, "adding 2 numbers");
      equal(first?.progress?.value, 1);
      ok(seen.includes("sum"));
    });

    it("retries a failed job until it completes", async () => {
      const handle = await client.enqueue("flaky", { failures: 2 });
      equal(await handle.result(), "after 3 attempts");
      const done = await handle.job();
      deepEqual(done?.attempts.map(({ outcome }) => outcome), ["retry", "retry", "completed"]);
    });

    it("dead-letters a job out of retries, and at once when told so", async () => {
      const doomed = await client.enqueue("doomed", undefined, { maxRetry: 1 });
      const refused = await client.enqueue("refused");
      await rejects(doomed.result(), JobFailedError);
      await rejects(refused.result(), JobFailedError);
      equal((await doomed.job())?.attempts.length, 2);
      equal((await refused.job())?.attempts.length, 1);
      equal((await refused.job())?.error, "no use");
    });

    it("delays, orders by priority, and refuses an id in use", async () => {
      const delayed = await client.enqueue("sum", [1], { delayMs: 80, id: `delayed-${name}` });
      equal(delayed.status, "scheduled");
      await rejects(client.enqueue("sum", [2], { id: `delayed-${name}` }), DuplicateJobError);
      equal(await delayed.result(), 1);
      const { createdAt, startedAt } = (await delayed.job())!;
      ok(
        startedAt! - createdAt >= 80,
        `started ${startedAt! - createdAt} ms after it was enqueued`,
      );
    });

    it("drains when nothing is left to run", async () => {
      await client.enqueueMany([{ type: "sum", payload: [1] }, { type: "sum", payload: [2] }]);
      await server.drain();
      const unfinished = (await store.counts()).filter(({ status }) =>
        status === "ready" || status === "processing"
      );
      deepEqual(unfinished, []);
    });
  });
}
