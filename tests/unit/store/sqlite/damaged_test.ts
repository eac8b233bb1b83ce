import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { Client } from "../../../../src/enqueue/client.ts";
import { Server } from "../../../../src/run/server.ts";
import { sqliteStore } from "../../../../src/store/sqlite/store.ts";

/** What is done to a file from outside, and how the job that it hits ends. */
const damages: readonly [what: string, sql: string, status: string][] = [
  [
    "settings and attempts that are no JSON",
    "UPDATE jobs SET settings = '{', attempts = '[' WHERE id = 'hit'",
    "completed",
  ],
  ["a payload that is gone", "DELETE FROM payloads", "dead_letter"],
  ["a delayed job without a time", "UPDATE jobs SET run_at = NULL WHERE id = 'later'", "completed"],
  ["counts that say nothing", "UPDATE counts SET n = 0", "completed"],
];

for (const [what, sql, status] of damages) {
  Deno.test(`a file with ${what} does not stop the other jobs of its queue`, async () => {
    const dir = await Deno.makeTempDir({ prefix: "gqm-damaged-" });
    try {
      const path = `${dir}/jobs.db`;
      await using store = sqliteStore(path);
      await using client = new Client({ store });
      await client.enqueue("t", "x".repeat(5000), { id: "hit", maxRetry: 2 });
      await client.enqueue("t", 0, { id: "later", delayMs: 3_600_000 });
      const others = await client.enqueueMany(
        [1, 2, 3].map((payload) => ({ type: "t", payload, options: { delayMs: payload } })),
      );
      const db = new DatabaseSync(path);
      db.exec(sql);
      db.close();
      await store.prune(100);
      await using server = new Server({ store, logLevel: "silent" });
      server.handle("t", ({ job }) => job.payload);
      await server.start();
      assertEquals(await Promise.all(others.map((handle) => handle.result())), [1, 2, 3]);
      assertEquals((await store.awaitFinal("hit"))?.status, status);
      const { jobs } = await store.list({ status: "scheduled", limit: 10 });
      assertEquals(jobs.length <= 1, true, "it can be listed");
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}
